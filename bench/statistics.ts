// The middle of a few runs.

export function median(values: readonly number[]): number {
  if (values.length === 0) throw new Error("no median of nothing");
  const sorted = values.toSorted((a, b) => a - b);
  const middle = sorted.length >> 1;
  const upper = sorted[middle] ?? Number.NaN;
  return sorted.length % 2 === 1 ? upper : ((sorted[middle - 1] ?? Number.NaN) + upper) / 2;
}

/**
 * The median of the ratios of runs that stood beside each other: what disturbs the machine for a
 * while disturbs both.
 */
export function ratioOf(runs: readonly number[], others: readonly number[]): number {
  const ratios = runs.flatMap((run, round) => {
    const other = others[round];
    return other === undefined || other === 0 ? [] : [run / other];
  });
  return ratios.length === 0 ? Number.NaN : median(ratios);
}
