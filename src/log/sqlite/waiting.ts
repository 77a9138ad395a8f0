// What waits for a name, in pages: the log is the queue of everybody who is behind.

import { inOrder, sizeOf } from "../deliveries.ts";
import type { Page } from "../reading.ts";
import type { Delivery } from "../run.ts";
import type { Piece, Source } from "./sources.ts";

/**
 * Reads from all sources together, in rising seqs.
 * @param maxBytes about how many bytes are read: see `sizeOf`
 */
export function readPage(
  sources: readonly Source[],
  upTo: number,
  maxBytes: number,
): Omit<Page, "removed"> {
  const next = merged(sources);
  const deliveries: Delivery[] = [];
  let bytes = 0;
  let piece = next();
  while (piece !== undefined) {
    // Pieces of one commit may interleave; those are put in order together.
    const together = [...piece.read()];
    let { last } = piece;
    for (piece = next(); piece !== undefined && piece.first <= last; piece = next()) {
      together.push(...piece.read());
      last = Math.max(last, piece.last);
    }
    for (const delivery of inOrder(together)) {
      deliveries.push(delivery);
      bytes += sizeOf(delivery);
    }
    if (bytes >= maxBytes) return { deliveries, position: Math.min(last, upTo) };
  }
  return { deliveries, position: upTo };
}

/** The pieces of all sources by their first seqs. */
function merged(sources: readonly Source[]): Source {
  const [only] = sources;
  if (only !== undefined && sources.length === 1) return only;
  const heads = sources.map((source) => ({ source, piece: source() }));
  return () => {
    let least: { source: Source; piece: Piece | undefined } | undefined;
    for (const head of heads) {
      if (head.piece === undefined) continue;
      if (least?.piece === undefined || head.piece.first < least.piece.first) least = head;
    }
    if (least === undefined) return undefined;
    const { piece } = least;
    least.piece = least.source();
    return piece;
  };
}
