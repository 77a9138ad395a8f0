// Ctrl+Z: the terminal is given back to the shell, everything of ours stops, and with `fg` it goes on.

import { REPORT_FOCUS, REPORT_NO_FOCUS } from "./focus.ts";

export interface Suspending {
  readonly stdin: NodeJS.ReadStream;
  readonly stdout: NodeJS.WriteStream;
  /** Takes what is drawn off the screen. */
  readonly clear: () => void;
  readonly draw: () => void;
}

/** What the terminal is asked for while it is ours, pastes in brackets and its focus, and what takes that back. */
const OURS = `\u001B[?2004h${REPORT_FOCUS}`;
const NOT_OURS = `\u001B[?2004l${REPORT_NO_FOCUS}\u001B[?25h`;

/** @returns a function that ends it */
export function suspendOnSignal(suspending: Suspending): () => void {
  const { stdin, stdout, clear, draw } = suspending;
  const resume = (): void => {
    // Twice: Node knows nothing of what the shell has done to the terminal meanwhile.
    stdin.setRawMode(false);
    stdin.setRawMode(true);
    stdout.write(OURS);
    draw();
  };
  // Somebody else has stopped it.
  const onContinue = (): void => {
    clear();
    resume();
  };
  const onStop = (): void => {
    clear();
    stdout.write(NOT_OURS);
    stdin.setRawMode(false);
    process.off("SIGTSTP", onStop).off("SIGCONT", onContinue);
    // Here it stops, unless there is no shell that could let it go on.
    process.kill(process.pid, "SIGTSTP");
    process.on("SIGTSTP", onStop).on("SIGCONT", onContinue);
    resume();
  };
  process.on("SIGTSTP", onStop).on("SIGCONT", onContinue);
  return () => void process.off("SIGTSTP", onStop).off("SIGCONT", onContinue);
}

/** The whole group, as the terminal itself does while it is not ours. */
export function stopGroup(): void {
  process.kill(0, "SIGTSTP");
}
