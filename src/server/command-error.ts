// What ends a command: one line for the person who started it, and the exit code.

/** Something that can be put right: wrong usage or a bad setting (2), or circumstances (1). */
export class CommandError extends Error {
  readonly exitCode: 1 | 2;

  constructor(message: string, exitCode: 1 | 2, options?: ErrorOptions) {
    super(oneLine(message), options);
    this.name = "CommandError";
    this.exitCode = exitCode;
  }
}

/** Messages of the system and of libraries may have several lines. */
export function oneLine(text: string): string {
  return text.trim().replace(/\s*\n\s*/g, " ");
}
