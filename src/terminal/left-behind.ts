// What other clients of the name left on this machine when they ended: messages that wait, and refused ones. Whoever
// starts next sends the former, each from the outbox in which it stands and under its number there: so it is sent once.

import { existsSync } from "node:fs";
import { setTimeout as pause } from "node:timers/promises";
import { connect, fileStore, type Line, type LineOptions, type Stored } from "../client/index.ts";
import { newStored } from "../client/store.ts";
import { openIfFree, type State } from "./state-file.ts";

/** How long one waits for a connection, in ms, before what waits is left to the next client. */
const FIRST_WAIT = 1_000;

/** And for the rest, in ms, once there is one. */
const PATIENCE = 10_000;

/** Who they were, and where it goes. */
export interface Leaver extends Pick<LineOptions, "name" | "token" | "password" | "register"> {
  readonly url: string;
}

/**
 * Sends what waits in the files of clients that are not alive. What cannot be sent now stays there.
 * @returns how many were sent, or refused @throws LineError `store`
 */
export async function sendLeft(
  { others, stored }: State,
  { url, name, password, token: given }: Leaver,
): Promise<number> {
  let count = 0;
  for (const path of others) {
    const waiting = await countIn(path);
    if (waiting === 0) continue;
    // One that was never connected has no session of its own.
    const token = given ?? stored()?.token;
    const line = connect(url, {
      name,
      ...(password !== undefined && { password }),
      ...(token !== undefined && { token }),
      store: fileStore(path),
      keepRefused: true,
    });
    count += waiting - (await emptied(line));
  }
  return count;
}

/** How many messages wait in the files of clients that are not alive. @throws LineError `store` */
export async function countLeft({ others }: State): Promise<number> {
  let count = 0;
  for (const path of others) count += await countIn(path);
  return count;
}

/** Takes over what was refused to clients that are not alive, to be shown here. @throws LineError `store` */
export async function adoptRefused({ store, stored, others }: State): Promise<void> {
  for (const path of others) {
    await withFile(path, async (other, left) => {
      const { refused = [] } = left;
      if (refused.length === 0) return;
      const own = stored() ?? newStored();
      const renumbered = refused.map((send, at) => ({ ...send, id: own.nextId + at }));
      // First here, then gone there: whatever happens in between shows them twice, and loses none.
      await store.write({
        ...own,
        nextId: own.nextId + refused.length,
        refused: [...(own.refused ?? []), ...renumbered],
      });
      await other({ ...left, refused: [] });
    });
  }
}

async function countIn(path: string): Promise<number> {
  let count = 0;
  await withFile(path, async (_, { sends }) => void (count = sends.length));
  return count;
}

/** Does something with what a client that is not alive has kept. */
async function withFile(
  path: string,
  use: (write: (stored: Stored) => Promise<void>, stored: Stored) => Promise<void>,
): Promise<void> {
  if (!existsSync(path)) return;
  const taken = await openIfFree(path);
  if (taken === undefined) return;
  const { store, stored } = taken;
  try {
    if (stored !== undefined) await use((next) => store.write(next), stored);
  } finally {
    await store.close();
  }
}

/** Waits until nothing waits in the line's outbox, or there is no connection. @returns how many do */
async function emptied(line: Line): Promise<number> {
  const { promise, resolve } = Promise.withResolvers<void>();
  const online = Promise.withResolvers<void>();
  line.on("outbox", () => {
    if (line.unsentCount === 0) resolve();
  });
  line.on("state", ({ kind }) => {
    if (kind === "online") online.resolve();
    else if (kind !== "connecting") resolve();
  });
  const rest = { ref: false };
  await Promise.race([promise, online.promise, pause(FIRST_WAIT, undefined, rest)]);
  if (line.state.kind === "online") {
    await Promise.race([promise, pause(PATIENCE, undefined, rest)]);
  }
  await line.close();
  return line.unsentCount;
}
