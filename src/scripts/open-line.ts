// The line that the commands for scripts use: who they are, where they connect, where they keep what must
// outlive them.

import { readFileSync } from "node:fs";
import { connect, type Line } from "../client/index.ts";
import { parseAddress } from "../terminal/address.ts";
import { sendLeft } from "../terminal/left-behind.ts";
import { tellOutages } from "../terminal/tell-outage.ts";
import { stateFolder, takeState } from "../terminal/state-file.ts";

export interface ScriptOptions {
  /** Who it is. */
  readonly as: string;
  /** `HOST:PORT`, or a URL. */
  readonly server: string;
  /** A file with a token; otherwise PARTYLINE_TOKEN or PARTYLINE_PASSWORD may have one. */
  readonly tokenFile?: string;
}

/** What is wrong with how a command was called. */
export class UsageError extends Error {}

/** What earlier commands of this name left unsent is sent first, if there is a connection. @throws UsageError, LineError */
export async function openLine({ as: name, server, tokenFile }: ScriptOptions): Promise<Line> {
  const url = parseAddress(server);
  if (url === undefined) {
    throw new UsageError(`--server ${JSON.stringify(server)} is neither HOST:PORT nor a URL`);
  }
  const { PARTYLINE_TOKEN: given, PARTYLINE_PASSWORD: password } = process.env;
  const token = tokenFile === undefined ? given : readToken(tokenFile);
  const who = {
    name,
    ...(token === undefined ? {} : { token }),
    ...(password === undefined ? {} : { password }),
  };
  const state = await takeState(stateFolder(process.env), url, name);
  await sendLeft(state, { url, ...who });
  const line = connect(url, { ...who, store: state.store });
  tellOutages(line, server, process.stderr);
  return line;
}

function readToken(file: string): string {
  try {
    return readFileSync(file, "utf8").trim();
  } catch (error) {
    throw new UsageError(`--token-file: ${(error as Error).message}`);
  }
}
