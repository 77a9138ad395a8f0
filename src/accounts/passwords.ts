// Passwords: argon2id, in a weak thread of its own and in turns, so that those who try many take no time from
// those who talk.

import { type Argon2Parameters, randomBytes, timingSafeEqual } from "node:crypto";
import type { Clock } from "../broker/clock.ts";
import { ChatError } from "../protocol/errors.ts";
import { Hasher } from "./hasher.ts";
import { type Asker, Turns } from "./turns.ts";

/** As OWASP advises: 19 MiB, two passes, one lane. About 50 ms of one core. */
const MEMORY_KIB = 19_456;
const PASSES = 2;
const LANES = 1;
const HASH_BYTES = 32;
const SALT_BYTES = 16;

/** A new password has so many characters: `bad-password`. */
const SHORTEST = 8;
const LONGEST = 256;

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
  readonly #turns: Turns;
  readonly #hasher = new Hasher();
  /** Checked in place of a password that is not there, so that it takes as long. */
  readonly #dummy = `$argon2id$v=19$m=${MEMORY_KIB},t=${PASSES},p=${LANES}$${base64(randomBytes(SALT_BYTES))}$${base64(randomBytes(HASH_BYTES))}`;

  constructor(clock: Pick<Clock, "after">) {
    this.#turns = new Turns(clock);
  }

  /**
   * @param asker somebody who may ask for many; undefined for who has shown already that he may
   * @returns a PHC string
   * @throws ChatError `busy`, `shutting-down`
   */
  async hash(password: string, asker?: Asker): Promise<string> {
    const nonce = randomBytes(SALT_BYTES);
    const asked = { password, nonce, memory: MEMORY_KIB, passes: PASSES, lanes: LANES };
    const end = await this.#turns.next(asker);
    let took = 0;
    try {
      const made = await this.#hasher.hash(parameters(asked));
      took = made.took;
      return `$argon2id$v=19$m=${MEMORY_KIB},t=${PASSES},p=${LANES}$${base64(nonce)}$${base64(made.bytes)}`;
    } finally {
      end(asker === undefined, took);
    }
  }

  /**
   * @param stored a PHC string; undefined for a name that has none: the answer takes as long
   * @param asker whose password it is
   * @throws ChatError `busy`, `shutting-down`
   */
  async isRight(password: string, stored: string | undefined, asker: Asker): Promise<boolean> {
    const [, memory, passes, lanes, salt = "", expected = ""] =
      PHC.exec(stored ?? this.#dummy) ?? [];
    const asked = {
      password,
      nonce: Buffer.from(salt, "base64"),
      memory: Number(memory),
      passes: Number(passes),
      lanes: Number(lanes),
    };
    const end = await this.#turns.next(asker);
    let isRight = false;
    let took = 0;
    try {
      const made = await this.#hasher.hash(parameters(asked));
      took = made.took;
      const isSame = timingSafeEqual(made.bytes, Buffer.from(expected, "base64"));
      isRight = isSame && stored !== undefined;
      return isRight;
    } finally {
      end(isRight, took);
    }
  }

  /** What waits for its hash is refused (`shutting-down`). */
  close(): Promise<void> {
    return this.#hasher.close();
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
function base64(bytes: Uint8Array): string {
  return Buffer.from(bytes).toString("base64").replace(/=+$/, "");
}
