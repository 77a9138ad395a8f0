// Passwords: argon2id, off the event loop, one at a time, so that those who try many take no time from
// those who talk.

import { argon2, type Argon2Parameters, randomBytes, timingSafeEqual } from "node:crypto";
import { promisify } from "node:util";
import { ChatError } from "../protocol/errors.ts";

/** As OWASP advises: 19 MiB, two passes, one lane. About 50 ms of one core. */
const MEMORY_KIB = 19_456;
const PASSES = 2;
const LANES = 1;
const HASH_BYTES = 32;
const SALT_BYTES = 16;

/** Passwords that wait to be checked; more are `busy`. */
const MOST_WAITING = 50;

/** A new password has so many characters: `bad-password`. */
const SHORTEST = 8;
const LONGEST = 256;

const hash = promisify(argon2);

/** What a hash was made with, as it is stored. */
const PHC = /^\$argon2id\$v=19\$m=(\d+),t=(\d+),p=(\d+)\$([\w+/]+)\$([\w+/]+)$/;

/** @throws ChatError `bad-password` */
export function checkNewPassword(password: string): void {
  const { length } = Array.from(password);
  if (length >= SHORTEST && length <= LONGEST) return;
  const text = `a password has ${SHORTEST} to ${LONGEST} characters`;
  throw new ChatError("bad-password", text);
}

export class Passwords {
  #last: Promise<unknown> = Promise.resolve();
  #waiting = 0;
  /** Checked in place of a password that is not there, so that it takes as long. */
  readonly #dummy = `$argon2id$v=19$m=${MEMORY_KIB},t=${PASSES},p=${LANES}$${base64(randomBytes(SALT_BYTES))}$${base64(randomBytes(HASH_BYTES))}`;

  /** @returns a PHC string @throws ChatError `busy` */
  async hash(password: string): Promise<string> {
    const nonce = randomBytes(SALT_BYTES);
    const made = await this.#inTurn({
      password,
      nonce,
      memory: MEMORY_KIB,
      passes: PASSES,
      lanes: LANES,
    });
    return `$argon2id$v=19$m=${MEMORY_KIB},t=${PASSES},p=${LANES}$${base64(nonce)}$${base64(made)}`;
  }

  /**
   * @param stored a PHC string; undefined for a name that has none: the answer takes as long
   * @throws ChatError `busy`
   */
  async isRight(password: string, stored: string | undefined): Promise<boolean> {
    const [, memory, passes, lanes, salt = "", expected = ""] =
      PHC.exec(stored ?? this.#dummy) ?? [];
    const made = await this.#inTurn({
      password,
      nonce: Buffer.from(salt, "base64"),
      memory: Number(memory),
      passes: Number(passes),
      lanes: Number(lanes),
    });
    const isSame = timingSafeEqual(made, Buffer.from(expected, "base64"));
    return isSame && stored !== undefined;
  }

  async #inTurn(asked: Asked): Promise<Buffer> {
    if (this.#waiting >= MOST_WAITING) {
      throw new ChatError("busy", "too many passwords are being checked: try again in a moment");
    }
    this.#waiting += 1;
    const before = this.#last;
    const made = before.then(() => hash("argon2id", parameters(asked)));
    this.#last = made.catch(() => {});
    try {
      return await made;
    } finally {
      this.#waiting -= 1;
    }
  }
}

interface Asked {
  readonly password: string;
  readonly nonce: Buffer;
  readonly memory: number;
  readonly passes: number;
  readonly lanes: number;
}

function parameters({ password, nonce, memory, passes, lanes }: Asked): Argon2Parameters {
  return {
    message: password.normalize("NFC"),
    nonce,
    memory,
    passes,
    parallelism: lanes,
    tagLength: HASH_BYTES,
  };
}

/** As PHC strings have it: without padding. */
function base64(bytes: Buffer): string {
  return bytes.toString("base64").replace(/=+$/, "");
}
