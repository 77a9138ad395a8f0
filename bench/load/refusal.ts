// What the server said where it should have said nothing but messages: it ends the run, as its reason.

/** Characters of a refusal that are quoted. */
const QUOTED = 200;

/** The first line that begins with `!`, or what else was said, as an error. */
export function refusalOf(who: string, bytes: Buffer): Error {
  const text = bytes.toString("latin1");
  const line = /^!.*$/m.exec(text)?.[0] ?? text.trimStart().split("\n")[0] ?? "";
  return new Error(`${who} was told: ${line.slice(0, QUOTED)}`);
}
