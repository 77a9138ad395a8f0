// Tells dead connections from slow ones, by what the system's TCP table shows of them.

import type { TcpRow } from "./tcp-table.ts";

/** So long, in ms, a system answers nothing before it counts as gone. */
const DEAD_AFTER = 45_000;

/**
 * And it was asked again so long after its silence began, in ms: the system asks at 1, 2, 4 … times
 * the round trip, and who was cut off between two questions must not die of the pause.
 */
const ASKED_AFTER = 30_000;

/** It may take so long to answer, in ms, and a few packets may be lost. */
const ANSWER_TIME = 3000;
const LEAST_ASKED = 3;

/** As much time as one look may add, in ms: who looks too seldom, or slept, cannot judge. */
const MOST_BETWEEN_LOOKS = 2500;

/** Looks in a row that do not show a connection: then the system has none any more. */
const LEAST_UNSEEN = 3;

/** Tells the dead from the slow: one for each connection, given all that is looked up for it. */
export class Liveness {
  #last: { readonly row: TcpRow; readonly asked: number; readonly at: number } | undefined;
  #unseen = 0;
  #silentFor = 0;
  /** For how long it had been silent when it was asked the question that counts. */
  #askedAt = 0;

  /**
   * Whether the other side's system has answered nothing for so long that it is gone, or has ended the
   * connection, which Node does not notice after a FIN or while it does not read. One that still
   * answers is not dead, however long its reader has left it no room.
   * @param row undefined when the look did not show the connection; only where the system tells
   * @param now in ms, by any clock
   */
  isDead(row: TcpRow | undefined, now: number): boolean {
    if (row === undefined) return ++this.#unseen >= LEAST_UNSEEN;
    this.#unseen = 0;
    const asked = row.probing ? row.probes : row.retransmits;
    const last = this.#last ?? { row, asked: 0, at: now };
    this.#last = { row, asked, at: now };
    // Fewer questions or fewer bytes than before: between the two looks there was an answer.
    const answered = asked < last.asked || row.unacked < last.row.unacked;
    if (asked === 0 || answered || row.probing !== last.row.probing) {
      this.#silentFor = 0;
      this.#askedAt = 0;
      return false;
    }
    this.#silentFor += Math.min(Math.max(0, now - last.at), MOST_BETWEEN_LOOKS);
    // The first such question counts: where a cable is out at our own end the system asks every two
    // seconds, so that there is always one whose answer could still come.
    const isLate = asked > last.asked && asked >= LEAST_ASKED;
    if (isLate && this.#askedAt < ASKED_AFTER) this.#askedAt = this.#silentFor;
    return (
      this.#askedAt >= ASKED_AFTER &&
      this.#silentFor >= Math.max(DEAD_AFTER, this.#askedAt + ANSWER_TIME)
    );
  }
}
