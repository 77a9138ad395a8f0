// What somebody who has just started the server can do next: printed by `npm start`.

import type { Address } from "./address.ts";

/** @param address the first one that the server listens on */
export function formatHints({ host, port }: Address): string {
  const there = host === "0.0.0.0" ? "127.0.0.1" : host === "::" ? "::1" : host;
  const nc = `nc ${there} ${port}`;
  const url = `http://${there.includes(":") ? `[${there}]` : there}:${port}/`;
  return `
Open ${url} in a browser, or talk to it with nothing but nc. In a second terminal:

    ${nc}
    alice

and in a third:

    ${nc}
    bob
    alice: hello

The first line says who you are, the others who gets what. A message to somebody who is not there
waits until he is. /help shows the rest. Ctrl-C here stops the server.

`;
}
