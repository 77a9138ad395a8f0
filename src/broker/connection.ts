// What the broker needs of a connection. `src/listen` implements it for each protocol; tests
// implement it in memory.

import type { CommittedSend } from "../log/commit.ts";
import type { Run } from "../log/run.ts";
import type { RoomEvent } from "../log/rooms.ts";
import type { ChatError } from "../protocol/errors.ts";
import type { Notice } from "./notice.ts";

/** The broker's view of a connection. No method throws; each may be called at any time. */
export interface Connection {
  /** Bytes that were given to the writer and not yet to the operating system. */
  readonly unsent: number;
  /** Whether it is given what its name sends from elsewhere, and the events of its rooms. */
  readonly wantsEverything: boolean;
  /** Gives the writer messages, in rising seqs. */
  deliver(run: Run): void;
  /** Gives the writer the event of a room, in its place among the messages. */
  announce(event: RoomEvent): void;
  /** Tells the client, if it wants everything, what is kept nowhere. */
  notify(notice: Notice): void;
  /** Tells the client that sends which it numbered are durable. */
  accept(send: CommittedSend): void;
  /**
   * Tells the client that `times` messages in a row were refused, once for each.
   * @param number of the first of them in the client's outbox
   */
  refuse(error: ChatError, times: number, number?: number): void;
  /** Stops the reader, since what it feeds is full, and starts it again. */
  hold(): void;
  release(): void;
  /** Reads nothing more. */
  endReader(): void;
  /**
   * Everything that this peer will get was given to the writer: flush and close.
   * @param isAll whether that is all that waited for it; what was cut short comes with the next login
   */
  end(isAll: boolean): void;
  /** Close now. What was not confirmed will be delivered again. */
  cut(): void;
  /** Find out soon, without the client's noticing, whether the other side still answers. */
  probe(): void;
}
