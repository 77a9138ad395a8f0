// Checks a property and says with which seed, so that a run that failed can be run again:
// PARTYLINE_SEED=… node --test FILE.

import type { TestContext } from "node:test";
import * as fc from "fast-check";

export async function check<T>(
  t: TestContext,
  property: fc.IAsyncProperty<T>,
  parameters: fc.Parameters<T>,
): Promise<void> {
  const seed = Number(process.env["PARTYLINE_SEED"] ?? Date.now() | 0);
  t.diagnostic(`PARTYLINE_SEED=${seed}`);
  const run = await fc.check(property, { ...parameters, seed });
  if (!run.failed) return;
  throw new Error(fc.defaultReportMessage(run) ?? `seed ${seed}`, { cause: run.errorInstance });
}
