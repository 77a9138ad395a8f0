// Names and bodies of fixed lengths, so that messages are counted by dividing bytes.

/** Bytes of a body where a row does not say otherwise. */
export const BODY_BYTES = 32;

/** Seven characters, so that ngircd's limit of nine holds; `run` keeps the rounds of a row apart. */
export function senderName(run: string, index: number): string {
  return `s${run}${String(index).padStart(4, "0")}`;
}

export function receiverName(run: string, index: number): string {
  return `r${run}${String(index).padStart(4, "0")}`;
}

/** The two characters that tell the runs of one benchmark apart. */
export function runTag(run: number): string {
  return run.toString(36).padStart(2, "0").slice(-2);
}

export function bodyOf(bytes: number): string {
  return "x".repeat(bytes);
}
