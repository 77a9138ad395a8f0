// Accounts: who may be called what. Everybody who logs in passes here first; then the broker has him.

import type { Broker, Login } from "../broker/broker.ts";
import type { Clock } from "../broker/clock.ts";
import type { Connection } from "../broker/connection.ts";
import type { ClientState, Peer } from "../broker/peer.ts";
import type { AccountRecord, AllAccounts, TokenRecord } from "../log/accounts.ts";
import { ChatError } from "../protocol/errors.ts";
import type { Name } from "../protocol/name.ts";
import { Attempts } from "./attempts.ts";
import { checkNewPassword, Passwords } from "./passwords.ts";
import { hashOf, newSecret } from "./tokens.ts";

export interface AccountOptions {
  /** Whom a name without a password is given to. */
  readonly openNames: "on" | "off" | "loopback";
  /** Who may make an account of the name that he holds. */
  readonly registration: "open" | "invite" | "closed";
  /** Sessions that were not used for so long end, in ms; 0 is never. */
  readonly sessionAge: number;
}

/** Where somebody comes from, as far as it matters here. */
export interface Origin {
  readonly address: string;
  readonly isLoopback: boolean;
  /** Whether nobody between could read what he sends. */
  readonly isSecure: boolean;
}

/** What somebody shows to be who he says. */
export interface Proof {
  readonly password?: string;
  readonly token?: string;
}

/** How somebody is let in. */
export interface Admission {
  readonly isShared: boolean;
  /** The hash of the token that he has shown or is given. */
  readonly tokenHash?: string;
  /** A session's token, for who came with a password. */
  readonly session?: string;
}

/** A token as its owner and the operator see it. Times are in ms since 1970. */
export interface ToldToken {
  readonly label: string;
  readonly made: number;
  readonly used: number;
}

/** An account as the operator sees it. */
export interface ToldAccount {
  readonly name: string;
  readonly made: number;
  readonly removed?: number;
  readonly tokens: readonly ToldToken[];
  readonly sessions: number;
}

/** The use of a token is kept once in so long, in ms. */
const USED_EVERY = 86_400_000;

/** The longest label of a token, in characters. */
const LONGEST_LABEL = 64;

export class Accounts {
  readonly #broker: Broker;
  readonly #clock: Clock;
  readonly #options: AccountOptions;
  readonly #passwords = new Passwords();
  readonly #attempts: Attempts;
  readonly #accounts = new Map<string, AccountRecord>();
  /** By hash. */
  readonly #tokens = new Map<string, TokenRecord>();

  constructor(broker: Broker, clock: Clock, options: AccountOptions, all: AllAccounts) {
    this.#broker = broker;
    this.#clock = clock;
    this.#options = options;
    this.#attempts = new Attempts(clock);
    for (const account of all.accounts) this.#accounts.set(account.key, account);
    for (const token of all.tokens) this.#tokens.set(token.hash, token);
  }

  /**
   * Lets a connection in and logs it in.
   * @throws ChatError as `admit` and `Broker.login`
   */
  async logIn(
    name: Name,
    proof: Proof,
    origin: Origin,
    connection: Connection,
    client: ClientState = {},
  ): Promise<Login & { readonly session: string | undefined }> {
    const { session, ...admission } = await this.admit(name, proof, origin);
    const login = await this.#broker.login(name, connection, { ...client, ...admission });
    // It may have been removed or revoked while the login waited.
    const isGone = admission.tokenHash !== undefined && !this.#tokens.has(admission.tokenHash);
    if (isGone) login.peer.expel(wrongPassword(name.shown));
    return { ...login, session };
  }

  /**
   * Lets somebody in under a name, or not.
   * @throws ChatError `wrong-password`, `account-required`, `name-retired`, `tls-required`,
   *   `too-many-attempts`, `busy`
   */
  async admit(name: Name, proof: Proof, origin: Origin): Promise<Admission> {
    const { password, token } = proof;
    if (password === undefined && token === undefined) return this.#admitOpen(name, origin);
    if (!origin.isSecure && !origin.isLoopback) {
      throw new ChatError("tls-required", "a password is taken over TLS only");
    }
    return token === undefined
      ? this.#admitWithPassword(name, password ?? "", origin)
      : this.#admitWithToken(name, token, origin);
  }

  /** Whether a name is an account that can be used. */
  has(key: string): boolean {
    return this.#active(key) !== undefined;
  }

  /**
   * The peer's open name becomes an account.
   * @returns a session's token
   * @throws ChatError `already-registered`, `registration-closed`, `bad-invite`, `bad-password`, `busy`
   */
  async register(peer: Peer, password: string, invite?: string): Promise<string> {
    const { name } = peer;
    const { registration } = this.#options;
    if (this.has(name.key))
      throw new ChatError("already-registered", "your name is an account already");
    if (registration === "closed") {
      const text = "accounts are made by the operator: partyline user add";
      throw new ChatError("registration-closed", text);
    }
    if (registration === "invite" && invite === undefined) {
      throw new ChatError("bad-invite", "an invitation is needed: the operator makes them");
    }
    checkNewPassword(password);
    await this.#setPassword(name, password, true, registration === "invite" ? invite : undefined);
    peer.isShared = true;
    return (await this.#newSession(name)).session;
  }

  /**
   * All other sessions and tokens end.
   * @returns a session's token
   * @throws ChatError `no-such-account`, `wrong-password`, `bad-password`, `busy`
   */
  async changePassword(
    peer: Peer,
    password: string,
    old: string,
    address: string,
  ): Promise<string> {
    const { key } = peer.name;
    const account = this.#active(key);
    if (account === undefined) throw new ChatError("no-such-account", "your name is no account");
    this.#attempts.take(address, key);
    if (!(await this.#passwords.isRight(old, account.password))) {
      throw wrongPassword(peer.name.shown);
    }
    this.#attempts.giveBack(address, key);
    await this.setPassword(peer.name, password);
    return (await this.#newSession(peer.name)).session;
  }

  /** Makes a token, or a new one in place of that with the label. @throws ChatError */
  async makeToken(name: Name, label: string): Promise<string> {
    if (label === "" || label.length > LONGEST_LABEL || /\p{Cc}/u.test(label)) {
      throw new ChatError("bad-label", `a label has 1 to ${LONGEST_LABEL} characters`);
    }
    const former = this.#labelled(name.key, label);
    const secret = newSecret();
    await this.#addToken(name, label, hashOf(secret), false);
    if (former !== undefined) this.#endToken(former);
    return secret;
  }

  /** The tokens with a label, the newest last. */
  tokens(key: string): readonly ToldToken[] {
    return [...this.#tokens.values()]
      .filter((token) => token.key === key && !token.isSession)
      .map(({ label, made, used }) => ({ label, made, used }));
  }

  /** Whoever is connected with it is cut off. @throws ChatError `no-such-token` */
  async revoke(name: Name, label: string): Promise<void> {
    await this.#broker.changeAccount({ kind: "revoke", name, label });
    const token = this.#labelled(name.key, label);
    if (token !== undefined) this.#endToken(token);
  }

  /** For the operator. @throws ChatError `name-used`, `name-retired`, `already-registered`, `bad-password` */
  async add(name: Name, password: string): Promise<void> {
    if (this.has(name.key)) {
      throw new ChatError("already-registered", `"${name.shown}" is an account already`);
    }
    checkNewPassword(password);
    await this.#setPassword(name, password, false, undefined);
  }

  /** All sessions and tokens of the account end. @throws ChatError `no-such-account`, `bad-password` */
  async setPassword(name: Name, password: string): Promise<void> {
    if (!this.has(name.key)) throw noSuchAccount(name.shown);
    checkNewPassword(password);
    await this.#setPassword(name, password, false, undefined);
    for (const token of this.#tokens.values()) {
      if (token.key === name.key) this.#tokens.delete(token.hash);
    }
  }

  /** Its connections are closed, and its name stays retired. @throws ChatError `no-such-account` */
  async remove(name: Name): Promise<void> {
    const at = this.#clock.now();
    await this.#broker.changeAccount({ kind: "remove", name, at });
    const account = this.#accounts.get(name.key);
    if (account !== undefined) {
      this.#accounts.set(name.key, { ...account, password: "", removed: at });
    }
    for (const token of this.#tokens.values()) {
      if (token.key === name.key) this.#tokens.delete(token.hash);
    }
    const error = new ChatError("account-removed", "your account was removed by the operator");
    for (const peer of this.#broker.peersOf(name.key)) peer.expel(error);
  }

  /** The name of a removed account may be used again. @throws ChatError `no-such-account` */
  async release(name: Name): Promise<void> {
    await this.#broker.changeAccount({ kind: "release", name });
    this.#accounts.delete(name.key);
  }

  /** A code with which one account can be registered. */
  async invite(): Promise<string> {
    const code = newSecret();
    const at = this.#clock.now();
    await this.#broker.changeAccount({ kind: "invite", hash: hashOf(code), at });
    return code;
  }

  list(): readonly ToldAccount[] {
    return [...this.#accounts.values()]
      .map(({ key, shown, made, removed }) => ({
        name: shown,
        made,
        ...(removed === undefined ? {} : { removed }),
        tokens: this.tokens(key),
        sessions: [...this.#tokens.values()].filter((one) => one.key === key && one.isSession)
          .length,
      }))
      .toSorted((one, other) => one.name.localeCompare(other.name));
  }

  /** Ends sessions that were not used for too long. */
  async expire(): Promise<void> {
    const { sessionAge } = this.#options;
    if (sessionAge === 0) return;
    const before = this.#clock.now() - sessionAge;
    for (const { hash, isSession, used } of this.#tokens.values()) {
      if (isSession && used < before) this.#tokens.delete(hash);
    }
    await this.#broker.changeAccount({ kind: "expire", before });
  }

  #active(key: string): AccountRecord | undefined {
    const account = this.#accounts.get(key);
    return account?.removed === undefined ? account : undefined;
  }

  #admitOpen(name: Name, { isLoopback }: Origin): Admission {
    const account = this.#accounts.get(name.key);
    if (account?.removed !== undefined) {
      throw new ChatError("name-retired", `"${name.shown}" was removed by the operator`);
    }
    if (account !== undefined) {
      const text = `"${name.shown}" is an account: its password is needed (in the line protocol NAME:PASSWORD)`;
      throw new ChatError("wrong-password", text);
    }
    const { openNames } = this.#options;
    if (openNames === "on" || (openNames === "loopback" && isLoopback)) return { isShared: false };
    throw new ChatError(
      "account-required",
      "this server lets in accounts: ask its operator for one",
    );
  }

  async #admitWithPassword(name: Name, password: string, { address }: Origin): Promise<Admission> {
    this.#attempts.take(address, name.key);
    const isRight = await this.#passwords.isRight(password, this.#active(name.key)?.password);
    if (!isRight) throw wrongPassword(name.shown);
    this.#attempts.giveBack(address, name.key);
    return this.#newSession(name);
  }

  #admitWithToken(name: Name, secret: string, { address }: Origin): Admission {
    this.#attempts.take(address, name.key);
    const hash = hashOf(secret);
    const token = this.#tokens.get(hash);
    if (token?.key !== name.key || !this.has(name.key)) throw wrongPassword(name.shown);
    this.#attempts.giveBack(address, name.key);
    const now = this.#clock.now();
    if (now - token.used > USED_EVERY) {
      this.#tokens.set(hash, { ...token, used: now });
      void this.#broker.changeAccount({ kind: "used", hash, at: now });
    }
    return { isShared: true, tokenHash: hash };
  }

  async #newSession(name: Name): Promise<Admission & { readonly session: string }> {
    const session = newSecret();
    const tokenHash = hashOf(session);
    await this.#addToken(name, "", tokenHash, true);
    return { isShared: true, tokenHash, session };
  }

  async #addToken(name: Name, label: string, hash: string, isSession: boolean): Promise<void> {
    const at = this.#clock.now();
    await this.#broker.changeAccount({ kind: "token", name, label, hash, isSession, at });
    this.#tokens.set(hash, { key: name.key, label, hash, isSession, made: at, used: at });
  }

  async #setPassword(
    name: Name,
    password: string,
    mayTakeOver: boolean,
    invite: string | undefined,
  ): Promise<void> {
    const stored = await this.#passwords.hash(password);
    const at = this.#clock.now();
    await this.#broker.changeAccount({
      kind: "password",
      name,
      password: stored,
      mayTakeOver,
      ...(invite === undefined ? {} : { invite: hashOf(invite) }),
      at,
    });
    const made = this.#accounts.get(name.key)?.made ?? at;
    this.#accounts.set(name.key, { key: name.key, shown: name.shown, password: stored, made });
  }

  #labelled(key: string, label: string): TokenRecord | undefined {
    return [...this.#tokens.values()].find(
      (token) => token.key === key && token.label === label && !token.isSession,
    );
  }

  #endToken({ key, hash }: TokenRecord): void {
    this.#tokens.delete(hash);
    const error = new ChatError("token-revoked", "the token that you logged in with was revoked");
    for (const peer of this.#broker.peersOf(key)) {
      if (peer.client.tokenHash === hash) peer.expel(error);
    }
  }
}

/** One text for a name that is not known and for a password that is wrong. */
function wrongPassword(name: string): ChatError {
  return new ChatError("wrong-password", `that is not right for "${name}"`);
}

function noSuchAccount(name: string): ChatError {
  return new ChatError("no-such-account", `there is no account "${name}"`);
}
