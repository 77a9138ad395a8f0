// Asks for a password, before anything is drawn; nothing of what is typed is shown.

import { createInterface } from "node:readline";
import { Writable } from "node:stream";

/** Asks twice, until both are the same. @returns undefined as `askPassword` */
export async function askNewPassword(name: string): Promise<string | undefined> {
  for (;;) {
    const password = await askPassword(`New password for ${name}`);
    if (password === undefined) return undefined;
    const again = await askPassword("The same again");
    if (again === undefined || again === password) return again;
    process.stderr.write("these are two different ones\n");
  }
}

/** @returns undefined when nothing was given: Ctrl+C, or the end of the input */
export async function askPassword(what: string): Promise<string | undefined> {
  const { stdin, stderr } = process;
  // What readline would show goes nowhere.
  const nowhere = new Writable({ write: (_chunk, _encoding, done) => done() });
  const reader = createInterface({ input: stdin, output: nowhere, terminal: true });
  // From here on what is typed is not shown.
  stderr.write(`${what}: `);
  const { promise, resolve } = Promise.withResolvers<string | undefined>();
  reader.once("line", resolve);
  reader.once("SIGINT", () => resolve(undefined));
  reader.once("close", () => resolve(undefined));
  const password = await promise;
  reader.close();
  stderr.write("\n");
  return password === "" ? undefined : password;
}
