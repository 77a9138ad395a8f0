// Tokens: random secrets that stand for a password. What is kept of one tells nothing about it.

import { createHash, randomBytes } from "node:crypto";

/** 256 bits: nobody guesses one, so that it needs no slow hash. */
const SECRET_BYTES = 32;

export function newSecret(): string {
  return randomBytes(SECRET_BYTES).toString("base64url");
}

/** As it is stored, and looked up: whoever has no secret learns nothing from how long that takes. */
export function hashOf(secret: string): string {
  return createHash("sha256").update(secret).digest("base64url");
}
