// The command from outside: run with arguments until it ends.

import { spawn, type SpawnOptions } from "node:child_process";
import { once } from "node:events";
import { resolve } from "node:path";
import { text } from "node:stream/consumers";
import { ENVIRONMENT } from "./environment.ts";

export const COMMAND: string = resolve(import.meta.dirname, "../../bin/partyline");

/** How long it may take, in ms. */
const PATIENCE = 30_000;

export interface Ended {
  readonly code: number | null;
  readonly stdout: string;
  readonly stderr: string;
}

/** Runs `partyline` with these arguments. It gets no input, and is killed when it takes too long. */
export function partyline(...parameters: readonly string[]): Promise<Ended> {
  return run(process.execPath, [COMMAND, ...parameters]);
}

export async function run(
  program: string,
  parameters: readonly string[],
  options: SpawnOptions = {},
): Promise<Ended> {
  const child = spawn(program, parameters, {
    env: ENVIRONMENT,
    ...options,
    stdio: ["ignore", "pipe", "pipe"],
    timeout: PATIENCE,
  });
  const [stdout, stderr, [code]] = await Promise.all([
    text(child.stdout as NodeJS.ReadableStream as AsyncIterable<Uint8Array>),
    text(child.stderr as NodeJS.ReadableStream as AsyncIterable<Uint8Array>),
    once(child, "close"),
  ]);
  return { code: code as number | null, stdout, stderr };
}
