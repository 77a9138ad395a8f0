// What a line logs in with: what it was given, the session that it has had since, or a password of which it
// does not know yet whether it is in force.

import type { LoginFrame } from "../protocol/json/frames.ts";
import { LineError } from "./errors.ts";
import type { Keeper } from "./keeper.ts";
import type { LineOptions } from "./line-options.ts";

type Proof = Pick<LoginFrame, "password" | "token" | "register" | "invite">;

/** Asked for, and not answered yet: with the connection its answer may be lost. */
interface Asked {
  readonly password: string;
  /** It was, since it lets us in. */
  readonly inForce: () => void;
}

export class Credentials {
  readonly #keeper: Keeper;
  readonly #register: Pick<Proof, "register" | "invite">;
  #password: string | undefined;
  /** Given, and not replaced by a session since. */
  #token: string | undefined;
  #asked: Asked | undefined;
  /** Refused once. */
  #isSessionOver = false;
  #isAskedTried = false;

  constructor(keeper: Keeper, { password, token, register, invite }: LineOptions) {
    this.#keeper = keeper;
    this.#password = password;
    this.#token = token;
    this.#register = register === true ? { register, ...(invite !== undefined && { invite }) } : {};
  }

  /** For the next login. */
  get proof(): Proof {
    if (this.#isAskedTried && this.#asked !== undefined) return { password: this.#asked.password };
    const token = this.#token ?? (this.#isSessionOver ? undefined : this.#keeper.login.token);
    if (token !== undefined) return { token };
    return this.#password === undefined ? {} : { password: this.#password, ...this.#register };
  }

  /** @param token of a session, if there is a new one */
  welcomed(token: string | undefined): void {
    if (this.#isAskedTried) {
      const asked = this.#asked;
      this.#changed(asked?.password);
      asked?.inForce();
    }
    if (token !== undefined) this.keep(token);
  }

  /** @returns why there is no use in another login; undefined when there is another way in */
  refused(reason: LineError): LineError | undefined {
    if (reason.code !== "wrong-password") return reason;
    if (this.#asked !== undefined && !this.#isAskedTried) {
      this.#isAskedTried = true;
      return undefined;
    }
    this.#isAskedTried = false;
    const isSession = this.#token === undefined && this.#keeper.login.token !== undefined;
    if (!isSession || this.#isSessionOver) return reason;
    this.#isSessionOver = true;
    // A session ends with time, and with each new password.
    if (this.#password !== undefined) return undefined;
    return new LineError("token-revoked", "the session has ended: log in again");
  }

  /** A password is asked for: from now on it may let us in. @returns what is to be called with the answer */
  asks(
    password: string,
    inForce: () => void,
  ): { done(token: string | undefined): void; failed(): void } {
    const asked = { password, inForce };
    this.#asked = asked;
    return {
      done: (token) => {
        this.#changed(password);
        this.keep(token);
      },
      failed: () => {
        if (this.#asked === asked) this.#asked = undefined;
      },
    };
  }

  /** With this session comes back from now on; undefined: with a password. */
  keep(token: string | undefined): void {
    this.#isSessionOver = false;
    // A store that fails tells whoever sends something.
    this.#keeper.change({ token }).catch(() => {});
  }

  /** With a new password all tokens have ended. */
  #changed(password: string | undefined): void {
    this.#password = password;
    this.#token = undefined;
    this.#asked = undefined;
    this.#isAskedTried = false;
  }
}
