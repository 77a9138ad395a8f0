// Whether the recipients of a send take it, and how much of it they have room for.

import { Buffer } from "node:buffer";
import { unpackBodies } from "../../protocol/bodies.ts";
import { ChatError } from "../../protocol/errors.ts";
import type { Name } from "../../protocol/name.ts";
import { isRoom } from "../../protocol/room.ts";
import type { Limits, Send } from "../batch.ts";
import type { Refusal } from "../commit.ts";
import type { AccountTable } from "./account-table.ts";
import type { BlockedTable } from "./blocked-table.ts";
import { type NameState, type NameTable, tooManyNames } from "./name-table.ts";
import type { RoomTable } from "./room-table.ts";

/** How many of a send's bodies every recipient has room for, and why not more. */
export interface Space {
  accepted: number;
  refusal?: Pick<Refusal, "code" | "text">;
}

export class Recipients {
  readonly #names: NameTable;
  readonly #accounts: AccountTable;
  readonly #rooms: RoomTable;
  readonly #blocked: BlockedTable;

  constructor(names: NameTable, accounts: AccountTable, rooms: RoomTable, blocked: BlockedTable) {
    this.#names = names;
    this.#accounts = accounts;
    this.#rooms = rooms;
    this.#blocked = blocked;
  }

  /**
   * All or nothing: the recipient with the least room decides.
   * @param from the id of the sender
   */
  space(send: Send, from: number, limits: Limits): Space {
    if (send.refusal !== undefined) return { accepted: 0, refusal: send.refusal };
    const space: Space = { accepted: send.count };
    const bytes = Buffer.byteLength(send.bodies);
    let unseen = this.#names.unseen;
    for (const name of send.to) {
      if (isRoom(name.key)) {
        const refusal = this.#roomRefusal(name, from);
        if (refusal !== undefined) return { accepted: 0, refusal };
        continue;
      }
      const state = this.#names.find(name.key);
      const status = state && this.#accounts.status(state.id);
      if (status === "retired" || (limits.accountsOnly && status !== "active")) {
        const text = `there is nobody called "${name.shown}"`;
        return { accepted: 0, refusal: { code: "no-such-name", text } };
      }
      if (state !== undefined && this.#blocked.blocks(state.id, from)) {
        const text = `"${name.shown}" takes no messages from you`;
        return { accepted: 0, refusal: { code: "blocked", text } };
      }
      if (state === undefined) unseen += 1;
      if (state === undefined && unseen > limits.unseenNames) {
        return { accepted: 0, refusal: refusalOf(tooManyNames(name, limits)) };
      }
      const fits = fitting(send, bytes, state, limits);
      if (fits < space.accepted) {
        space.accepted = fits;
        space.refusal = { code: "inbox-full", text: `too much is waiting for "${name.shown}"` };
      }
    }
    return space;
  }

  #roomRefusal(room: Name, from: number): Space["refusal"] {
    try {
      this.#rooms.writable(room, from);
      return undefined;
    } catch (error) {
      if (!(error instanceof ChatError)) throw error;
      return refusalOf(error);
    }
  }
}

export function refusalOf({ code, message: text }: ChatError): NonNullable<Space["refusal"]> {
  return { code, text };
}

/** How many of a send's bodies, from the first on, a recipient has room for. */
function fitting(send: Send, bytes: number, state: NameState | undefined, limits: Limits): number {
  const messages = limits.waitingMessages - (state?.waitingMessages ?? 0);
  let left = limits.waitingBytes - (state?.waitingBytes ?? 0);
  if (send.count <= messages && bytes <= left) return send.count;
  let fits = 0;
  for (const body of unpackBodies(send.bodies)) {
    left -= Buffer.byteLength(body);
    if (fits >= messages || left < 0) break;
    fits += 1;
  }
  return fits;
}
