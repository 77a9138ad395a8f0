// Whether somebody looks at the terminal: many tell when they get and lose the focus, once they are asked to.

/** Asks for it, and no more (xterm's private mode 1004). */
export const REPORT_FOCUS = "\u001B[?1004h";
export const REPORT_NO_FOCUS = "\u001B[?1004l";

/**
 * Tells of every change. Until the first one nobody knows.
 * @param stdin which somebody else reads: what is read is only looked at
 * @returns a function that ends it
 */
export function watchFocus(
  stdin: NodeJS.ReadStream,
  stdout: NodeJS.WriteStream,
  tell: (hasFocus: boolean) => void,
): () => void {
  const look = (chunk: string | Uint8Array): void => {
    const last = Array.from(String(chunk).matchAll(/\u001B\[([IO])/g)).at(-1);
    if (last !== undefined) tell(last[1] === "I");
  };
  stdin.on("data", look);
  stdout.write(REPORT_FOCUS);
  return () => {
    stdin.off("data", look);
    stdout.write(REPORT_NO_FOCUS);
  };
}
