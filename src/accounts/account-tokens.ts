// What stands for a password: sessions of devices that have shown it, and tokens with a label, for programs.

import type { Broker } from "../broker/broker.ts";
import type { Clock } from "../broker/clock.ts";
import type { Peer } from "../broker/peer.ts";
import { MOST_SESSIONS, type TokenRecord } from "../log/accounts.ts";
import { ChatError } from "../protocol/errors.ts";
import type { Name } from "../protocol/name.ts";
import { KnownTokens } from "./known-tokens.ts";
import type { ToldToken } from "./told.ts";
import { hashOf, newSecret } from "./tokens.ts";

/** The use of a token is kept once in so long, in ms, and at least so many times in a session's age. */
const USED_EVERY = 86_400_000;
const USED_TIMES = 10;

/** The longest label of a token, in characters. */
const LONGEST_LABEL = 64;

export class AccountTokens {
  readonly #broker: Pick<Broker, "changeAccount" | "peersOf">;
  readonly #clock: Clock;
  readonly #sessionAge: number;
  readonly #known = new KnownTokens();

  /**
   * @param sessionAge sessions that were not used for so long end, in ms; 0 is never
   * @param all what the log keeps at the moment
   */
  constructor(
    broker: Pick<Broker, "changeAccount" | "peersOf">,
    clock: Clock,
    sessionAge: number,
    all: readonly TokenRecord[],
  ) {
    this.#broker = broker;
    this.#clock = clock;
    this.#sessionAge = sessionAge;
    for (const token of all) this.#known.set(token);
  }

  /** Whether a token is valid, by its hash. */
  has(hash: string): boolean {
    return this.#known.get(hash) !== undefined;
  }

  /** Somebody logs in with one. @returns its hash, undefined when it is not valid for the name */
  show(key: string, secret: string): string | undefined {
    const hash = hashOf(secret);
    const token = this.#known.get(hash);
    if (token?.key !== key) return undefined;
    const every = Math.min(USED_EVERY, this.#sessionAge / USED_TIMES || Infinity);
    if (this.#clock.now() - token.used > every) this.#use(token);
    return hash;
  }

  /** Makes a token, or a new one in place of that with the label. @throws ChatError */
  async make(name: Name, label: string): Promise<string> {
    checkLabel(label);
    const { key } = name;
    const secret = newSecret();
    const hash = hashOf(secret);
    const at = this.#clock.now();
    const token = { label, hash, isSession: false };
    await this.#broker.changeAccount({ kind: "token", name, ...token, at });
    for (const former of this.#labelled(key, label)) this.#revoked(former);
    this.#known.set({ key, ...token, made: at, used: at });
    return secret;
  }

  /** Makes a session, which may take the place of another one. */
  async makeSession(name: Name): Promise<string> {
    const { key } = name;
    const secret = newSecret();
    const at = this.#clock.now();
    const token = { label: "", hash: hashOf(secret), isSession: true };
    this.#useConnected(key);
    await this.#broker.changeAccount({ kind: "token", name, ...token, at });
    // What gives way in the log gives way here. Whoever is connected with such a session had the right
    // password or token: he stays, and needs his password at his next login.
    for (const former of this.#sessions(key).slice(MOST_SESSIONS - 1)) this.#known.delete(former);
    this.#known.set({ key, ...token, made: at, used: at });
    return secret;
  }

  /** Makes a session for a peer that is connected already. */
  async giveSession(peer: Peer): Promise<string> {
    const secret = await this.makeSession(peer.name);
    peer.tokenHash = hashOf(secret);
    return secret;
  }

  /** Those with a label, the newest last. */
  tell(key: string): readonly ToldToken[] {
    return this.#known
      .of(key)
      .filter((token) => !token.isSession)
      .map(({ label, made, used }) => ({ label, made, used }));
  }

  countSessions(key: string): number {
    return this.#sessions(key).length;
  }

  /** Whoever is connected with it is cut off. @throws ChatError `no-such-token`, `bad-label` */
  async revoke(name: Name, label: string): Promise<void> {
    checkLabel(label);
    await this.#broker.changeAccount({ kind: "revoke", name, label });
    for (const token of this.#labelled(name.key, label)) this.#revoked(token);
  }

  /** The session that a peer came in with lets nobody in any more: its device is logged out. */
  async endSession({ tokenHash = "" }: Peer): Promise<void> {
    const token = this.#known.get(tokenHash);
    if (token?.isSession !== true) return;
    await this.#broker.changeAccount({ kind: "end", hash: token.hash });
    this.#known.delete(token);
  }

  /** The log has forgotten all of a name. */
  forget(key: string): void {
    for (const token of this.#known.of(key)) this.#known.delete(token);
  }

  /** Ends sessions that were not used for too long. What somebody is connected with is in use. */
  async expire(): Promise<void> {
    if (this.#sessionAge === 0) return;
    const before = this.#clock.now() - this.#sessionAge;
    for (const token of this.#known.all()) {
      if (this.#isConnected(token)) this.#use(token);
      else if (token.isSession && token.used < before) this.#known.delete(token);
    }
    await this.#broker.changeAccount({ kind: "expire", before });
  }

  #use(token: TokenRecord): void {
    const at = this.#clock.now();
    this.#known.set({ ...token, used: at });
    void this.#broker.changeAccount({ kind: "used", hash: token.hash, at });
  }

  /** When one gives way it is the one that is unused the longest: of those that nobody is connected with. */
  #useConnected(key: string): void {
    const sessions = this.#sessions(key);
    if (sessions.length < MOST_SESSIONS) return;
    const idle = sessions.findLastIndex((token) => !this.#isConnected(token));
    if (idle !== -1) for (const token of sessions.slice(idle + 1)) this.#use(token);
  }

  #isConnected({ key, hash }: TokenRecord): boolean {
    return this.#broker.peersOf(key).some((peer) => peer.tokenHash === hash);
  }

  #labelled(key: string, label: string): readonly TokenRecord[] {
    return this.#known.of(key).filter((token) => token.label === label && !token.isSession);
  }

  /** Whichever was used last comes first, in the same order as in the log. */
  #sessions(key: string): readonly TokenRecord[] {
    return this.#known
      .of(key)
      .filter((token) => token.isSession)
      .toSorted((one, other) => other.used - one.used || (one.hash < other.hash ? -1 : 1));
  }

  #revoked(token: TokenRecord): void {
    this.#known.delete(token);
    const error = new ChatError("token-revoked", "the token that you logged in with was revoked");
    for (const peer of this.#broker.peersOf(token.key)) {
      if (peer.tokenHash === token.hash) peer.expel(error);
    }
  }
}

/** One that is not well formed would be another one in the log. @throws ChatError `bad-label` */
function checkLabel(label: string): void {
  const isGood = label !== "" && label.length <= LONGEST_LABEL && label.isWellFormed();
  if (isGood && !/\p{Cc}/u.test(label)) return;
  throw new ChatError("bad-label", `a label has 1 to ${LONGEST_LABEL} characters`);
}
