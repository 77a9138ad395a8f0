// Ends sessions that nobody used for too long, at start and once a day.

import type { Accounts } from "../accounts/accounts.ts";
import type { Clock } from "../broker/clock.ts";

/** In ms. */
const EVERY = 24 * 60 * 60 * 1000;

/** @returns what stops it */
export function startSessionExpiry(accounts: Pick<Accounts, "expire">, clock: Clock): () => void {
  const expire = (): { cancel(): void } => {
    void accounts.expire();
    return clock.after(EVERY, () => {
      timer = expire();
    });
  };
  let timer = expire();
  return () => timer.cancel();
}
