// The tokens that are valid now, in memory: asked at every login that shows one.

import type { TokenRecord } from "../log/accounts.ts";

const NONE: ReadonlyMap<string, TokenRecord> = new Map();

export class KnownTokens {
  readonly #byHash = new Map<string, TokenRecord>();
  readonly #byKey = new Map<string, Map<string, TokenRecord>>();

  get(hash: string): TokenRecord | undefined {
    return this.#byHash.get(hash);
  }

  /** Those of a name, the newest last. */
  of(key: string): readonly TokenRecord[] {
    return [...(this.#byKey.get(key) ?? NONE).values()];
  }

  /** In place of the former one with that hash. */
  set(token: TokenRecord): void {
    const { key, hash } = token;
    const own = this.#byKey.get(key) ?? new Map<string, TokenRecord>();
    this.#byKey.set(key, own);
    own.set(hash, token);
    this.#byHash.set(hash, token);
  }

  delete({ key, hash }: TokenRecord): void {
    this.#byHash.delete(hash);
    const own = this.#byKey.get(key);
    own?.delete(hash);
    if (own?.size === 0) this.#byKey.delete(key);
  }

  all(): Iterable<TokenRecord> {
    return this.#byHash.values();
  }
}
