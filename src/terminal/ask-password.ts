// Asks for a password, before anything is drawn; nothing of what is typed is shown.

import { createInterface } from "node:readline";
import { Writable } from "node:stream";

/** @returns undefined when nothing was given: Ctrl+C, or the end of the input */
export async function askPassword(name: string): Promise<string | undefined> {
  const { stdin, stderr } = process;
  stderr.write(`Password for ${name}: `);
  // What readline would show goes nowhere.
  const nowhere = new Writable({ write: (_chunk, _encoding, done) => done() });
  const reader = createInterface({ input: stdin, output: nowhere, terminal: true });
  // From here on what is typed is not shown.
  stderr.write(`Password for ${name}: `);
  const { promise, resolve } = Promise.withResolvers<string | undefined>();
  reader.once("line", resolve);
  reader.once("SIGINT", () => resolve(undefined));
  reader.once("close", () => resolve(undefined));
  const password = await promise;
  reader.close();
  stderr.write("\n");
  return password === "" ? undefined : password;
}
