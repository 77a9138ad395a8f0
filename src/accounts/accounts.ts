// Accounts: who may be called what. Everybody who logs in passes here first; then the broker has him.

import type { Broker, Login } from "../broker/broker.ts";
import type { Clock } from "../broker/clock.ts";
import type { Connection } from "../broker/connection.ts";
import type { ClientState, Peer } from "../broker/peer.ts";
import type { AccountRecord, AllAccounts } from "../log/accounts.ts";
import { ChatError } from "../protocol/errors.ts";
import type { Name } from "../protocol/name.ts";
import { AccountTokens } from "./account-tokens.ts";
import type { Admission, Origin, Proof } from "./admission.ts";
import { Attempts } from "./attempts.ts";
import { checkNewPassword, Passwords } from "./passwords.ts";
import type { ToldAccount, ToldToken } from "./told.ts";
import { hashOf, newSecret } from "./tokens.ts";
import type { Asker } from "./turns.ts";

/** A connection that logs in, and may be closed before it may. */
export type Arriving = Connection & { readonly isClosed: boolean };

/** What accounts need of the broker. */
export type AccountsBroker = Pick<Broker, "login" | "changeAccount" | "peersOf">;

export interface AccountOptions {
  /** Whom a name without a password is given to. */
  readonly openNames: "on" | "off" | "loopback";
  /** Who may make an account of the name that he holds. */
  readonly registration: "open" | "invite" | "closed";
  /** Sessions that were not used for so long end, in ms; 0 is never. */
  readonly sessionAge: number;
}

export class Accounts {
  readonly #broker: AccountsBroker;
  readonly #clock: Clock;
  readonly #options: AccountOptions;
  readonly #passwords: Pick<Passwords, "hash" | "isRight" | "close">;
  readonly #attempts: Attempts;
  readonly #accounts = new Map<string, AccountRecord>();
  readonly #tokens: AccountTokens;

  /** @param all what the log keeps at the moment; the log is not asked again */
  constructor(
    broker: AccountsBroker,
    clock: Clock,
    options: AccountOptions,
    all: AllAccounts,
    passwords: Pick<Passwords, "hash" | "isRight" | "close"> = new Passwords(clock),
  ) {
    this.#passwords = passwords;
    this.#broker = broker;
    this.#clock = clock;
    this.#options = options;
    this.#attempts = new Attempts(clock);
    for (const account of all.accounts) this.#accounts.set(account.key, account);
    this.#tokens = new AccountTokens(broker, clock, options.sessionAge, all.tokens);
  }

  /**
   * Lets a connection in and logs it in.
   * @throws ChatError as `admit` and `Broker.login`
   */
  async logIn(
    name: Name,
    proof: Proof,
    origin: Origin,
    connection: Arriving,
    client: ClientState = {},
  ): Promise<Login & { readonly session: string | undefined }> {
    const { session, account, ...admission } = await this.admit(
      name,
      proof,
      origin,
      () => connection.isClosed,
    );
    const login = await this.#broker.login(name, connection, { ...client, ...admission });
    const { tokenHash = "" } = admission;
    const isRevoked = proof.token !== undefined && !this.#tokens.has(tokenHash);
    // It may have been registered, changed, removed or revoked while the login waited.
    if (this.#accounts.get(name.key) !== account || isRevoked) {
      login.peer.gone();
      throw wrongPassword(name.shown);
    }
    return { ...login, session };
  }

  /**
   * Lets somebody in under a name, or not.
   * @param isGone whether he has hung up meanwhile: then his password need not be checked
   * @throws ChatError `wrong-password`, `account-required`, `name-retired`, `tls-required`,
   *   `too-many-attempts`, `busy`, `bad-password`, and why no account is made
   */
  async admit(name: Name, proof: Proof, origin: Origin, isGone: () => boolean): Promise<Admission> {
    const { password, token, register } = proof;
    if (password === undefined && token === undefined) {
      // Whoever wants an account is not to be left with a name that anybody can take.
      if (register === true) throw new ChatError("bad-password", "an account needs a password");
      return this.#admitOpen(name, origin);
    }
    if (!origin.isSecure && !origin.isLoopback) {
      throw new ChatError("tls-required", "a password is taken over TLS only");
    }
    return token === undefined
      ? this.#admitWithPassword(name, password ?? "", proof, { address: origin.address, isGone })
      : this.#admitWithToken(name, token, origin);
  }

  /** See `AccountOptions`. */
  get registration(): AccountOptions["registration"] {
    return this.#options.registration;
  }

  /** Whether a name is an account that can be used. */
  has(key: string): boolean {
    return this.#active(key) !== undefined;
  }

  /**
   * The peer's open name becomes an account.
   * @returns a session's token
   * @throws ChatError `already-registered`, `registration-closed`, `bad-invite`, `bad-password`, `busy`,
   *   `too-many-attempts`, `name-used` when it has lost the name meanwhile
   */
  async register(
    peer: Peer,
    password: string,
    invite: string | undefined,
    { address }: Origin,
  ): Promise<string> {
    const { name } = peer;
    if (this.has(name.key))
      throw new ChatError("already-registered", "your name is an account already");
    const isGone = (): boolean => !this.#broker.peersOf(name.key).includes(peer);
    const stored = await this.#hashToRegister(name, password, invite, { address, isGone });
    if (isGone()) {
      throw new ChatError("name-used", `"${name.shown}" is not yours any more`);
    }
    await this.#make(name, stored, true, invite);
    peer.isShared = true;
    this.#expel(name.key, wrongPassword(name.shown), (other) => !other.isShared);
    return this.#tokens.giveSession(peer);
  }

  /**
   * All sessions and tokens end, and all other connections.
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
    checkNewPassword(password);
    const isGone = (): boolean => !this.#broker.peersOf(key).includes(peer);
    await this.#checkPassword(old, account, peer.name, { address, isGone });
    await this.#replacePassword(peer.name, password, { by: peer, old: account.password });
    return this.#tokens.giveSession(peer);
  }

  /** See `AccountTokens.make`. */
  makeToken(name: Name, label: string): Promise<string> {
    return this.#tokens.make(name, label);
  }

  /** See `AccountTokens.tell`. */
  tokens(key: string): readonly ToldToken[] {
    return this.#tokens.tell(key);
  }

  /** See `AccountTokens.revoke`. */
  revoke(name: Name, label: string): Promise<void> {
    return this.#tokens.revoke(name, label);
  }

  /** The session that a peer came in with lets nobody in any more. */
  endSession(peer: Peer): Promise<void> {
    return this.#tokens.endSession(peer);
  }

  /** See `AccountTokens.expire`. */
  expire(): Promise<void> {
    return this.#tokens.expire();
  }

  /**
   * For the operator.
   * @param mayTakeOver also when the name was used before; what is stored under it is then the account's
   * @throws ChatError `name-used`, `name-retired`, `already-registered`, `bad-password`
   */
  async add(name: Name, password: string, mayTakeOver = false): Promise<void> {
    if (this.has(name.key)) {
      throw new ChatError("already-registered", `"${name.shown}" is an account already`);
    }
    checkNewPassword(password);
    await this.#make(name, await this.#passwords.hash(password), mayTakeOver, undefined);
    // Whoever was let in under the open name at this very moment has nothing of the account's.
    this.#expel(name.key, wrongPassword(name.shown), (peer) => !peer.isShared);
  }

  /**
   * All sessions, tokens and connections of the account end.
   * @throws ChatError `no-such-account`, `bad-password`
   */
  async setPassword(name: Name, password: string): Promise<void> {
    if (!this.has(name.key)) throw noSuchAccount(name.shown);
    checkNewPassword(password);
    await this.#replacePassword(name, password);
  }

  /** Its connections are closed, and its name stays retired. @throws ChatError `no-such-account` */
  async remove(name: Name): Promise<void> {
    const at = this.#clock.now();
    await this.#broker.changeAccount({ kind: "remove", name, at });
    const account = this.#accounts.get(name.key);
    if (account !== undefined) {
      this.#accounts.set(name.key, { ...account, password: "", removed: at });
    }
    this.#tokens.forget(name.key);
    const error = new ChatError("account-removed", "your account was removed by the operator");
    this.#expel(name.key, error);
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

  /** No password is checked any more: who waits for that is refused (`shutting-down`). */
  close(): Promise<void> {
    return this.#passwords.close();
  }

  list(): readonly ToldAccount[] {
    return [...this.#accounts.values()]
      .map(({ key, shown, made, removed }) => ({
        name: shown,
        made,
        ...(removed === undefined ? {} : { removed }),
        tokens: this.tokens(key),
        sessions: this.#tokens.countSessions(key),
      }))
      .toSorted((one, other) => one.name.localeCompare(other.name));
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
    if (openNames === "on" || (openNames === "loopback" && isLoopback)) {
      return { isShared: false, account };
    }
    throw new ChatError(
      "account-required",
      "this server lets in accounts: ask its operator for one",
    );
  }

  async #admitWithPassword(
    name: Name,
    password: string,
    { keepsSession = false, register = false, invite }: Proof,
    asker: Asker,
  ): Promise<Admission> {
    if (register && !this.has(name.key)) {
      const stored = await this.#hashToRegister(name, password, invite, asker);
      await this.#make(name, stored, false, invite);
      this.#expel(name.key, wrongPassword(name.shown), (peer) => !peer.isShared);
    } else await this.#checkPassword(password, this.#active(name.key), name, asker);
    const account = this.#active(name.key);
    if (!keepsSession) return { isShared: true, account };
    const session = await this.#tokens.makeSession(name);
    return { isShared: true, account, tokenHash: hashOf(session), session };
  }

  /** @returns as it is stored @throws ChatError why no account is made with it */
  async #hashToRegister(
    name: Name,
    password: string,
    invite: string | undefined,
    asker: Asker,
  ): Promise<string> {
    const { registration } = this.#options;
    if (registration === "closed") {
      const text = "accounts are made by the operator: partyline user add";
      throw new ChatError("registration-closed", text);
    }
    if (registration === "invite" && invite === undefined) {
      throw new ChatError("bad-invite", "an invitation is needed: the operator makes them");
    }
    checkNewPassword(password);
    this.#attempts.take(asker.address, name.key);
    return this.#passwords.hash(password, asker);
  }

  /** @throws ChatError `wrong-password`, `too-many-attempts`, `busy` */
  async #checkPassword(
    password: string,
    account: AccountRecord | undefined,
    { key, shown }: Name,
    asker: Asker,
  ): Promise<void> {
    const { address } = asker;
    this.#attempts.take(address, key);
    let isWrong = false;
    try {
      isWrong = !(await this.#passwords.isRight(password, account?.password, asker));
    } finally {
      // One that was not looked at does not count either.
      if (!isWrong) this.#attempts.giveBack(address, key);
    }
    // It may have got another password while it waited for its turn.
    if (isWrong || this.#active(key) !== account) throw wrongPassword(shown);
  }

  /** Nobody guesses a token, so that wrong passwords from an address keep no right token out. */
  #admitWithToken(name: Name, secret: string, { address }: Origin): Admission {
    const account = this.#active(name.key);
    const tokenHash = account && this.#tokens.show(name.key, secret);
    if (tokenHash === undefined) {
      this.#attempts.take(address, name.key);
      throw wrongPassword(name.shown);
    }
    return { isShared: true, account, tokenHash };
  }

  /** @param password as it is stored */
  async #make(
    name: Name,
    password: string,
    mayTakeOver: boolean,
    invite: string | undefined,
  ): Promise<void> {
    const { key, shown } = name;
    const at = this.#clock.now();
    await this.#broker.changeAccount({
      kind: "make",
      name,
      password,
      mayTakeOver,
      ...(this.#options.registration === "invite" && invite !== undefined
        ? { invite: hashOf(invite) }
        : {}),
      at,
    });
    this.#accounts.set(key, { key, shown, password, made: at });
  }

  /**
   * @param by the peer that has shown the old one, as it is stored: it stays connected
   * @throws ChatError `wrong-password` when that was replaced meanwhile
   */
  async #replacePassword(
    name: Name,
    password: string,
    { by, old }: { readonly by?: Peer; readonly old?: string } = {},
  ): Promise<void> {
    const stored = await this.#passwords.hash(password);
    await this.#broker.changeAccount({ kind: "password", name, password: stored, old });
    const account = this.#accounts.get(name.key);
    if (account !== undefined) this.#accounts.set(name.key, { ...account, password: stored });
    this.#tokens.forget(name.key);
    const error = new ChatError("token-revoked", "the password was changed: log in with it");
    this.#expel(name.key, error, (peer) => peer !== by);
  }

  #expel(key: string, error: ChatError, which: (peer: Peer) => boolean = () => true): void {
    for (const peer of this.#broker.peersOf(key)) if (which(peer)) peer.expel(error);
  }
}

/** One text for a name that is not known and for a password that is wrong. */
function wrongPassword(name: string): ChatError {
  return new ChatError("wrong-password", `that is not right for "${name}"`);
}

function noSuchAccount(name: string): ChatError {
  return new ChatError("no-such-account", `there is no account "${name}"`);
}
