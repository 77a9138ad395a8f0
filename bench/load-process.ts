// Starts the load generator on one job, in a process of its own, and waits for its result.

import { fileURLToPath } from "node:url";
import { Child } from "./child.ts";
import { withDeadline } from "./deadline.ts";
import type { WorkName, Works } from "./load/job.ts";

const LOAD_MAIN = fileURLToPath(new URL("load/main.ts", import.meta.url));

export interface Load<N extends WorkName> {
  /** Resolves when the job says that it has reached this stage; never rejects, and not at all if the job fails before. */
  readonly stage: (name: string) => Promise<void>;
  /** Asks the work to end early. */
  readonly stop: () => void;
  readonly result: Promise<Works[N]["result"]>;
}

/** Starts a job that is killed after `limitSeconds`; `prefix` is a command that runs the command after it. */
export function startLoad<N extends WorkName>(
  work: N,
  order: Works[N]["order"],
  limitSeconds: number,
  prefix: readonly string[] = [],
): Load<N> {
  const command = [...prefix, process.execPath, LOAD_MAIN, work, JSON.stringify(order)];
  const child = new Child(`load ${work}`, command);
  const stages = new Map<string, () => void>();
  let result: { readonly value: Works[N]["result"] } | undefined;
  child.onLine = (line) => {
    const said: { stage?: string; result?: Works[N]["result"] } = JSON.parse(line);
    if (said.result !== undefined) result = { value: said.result };
    if (said.stage !== undefined) stages.get(said.stage)?.();
  };
  const finish = async (): Promise<Works[N]["result"]> => {
    try {
      const end = await withDeadline(child.ended, limitSeconds * 1000, `the work "${work}"`);
      if (result === undefined) throw new Error(child.lastError || end);
      return result.value;
    } finally {
      child.kill();
    }
  };
  return {
    stage: async (name) =>
      await new Promise((resolve) => {
        stages.set(name, resolve);
      }),
    stop: () => child.tell("stop\n"),
    result: finish(),
  };
}

export async function runLoad<N extends WorkName>(
  work: N,
  order: Works[N]["order"],
  limitSeconds: number,
  prefix: readonly string[] = [],
): Promise<Works[N]["result"]> {
  return await startLoad(work, order, limitSeconds, prefix).result;
}
