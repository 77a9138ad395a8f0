// The load generator: a process of its own that does one job against one server and prints the result.
// `node bench/load/main.ts flow '{"port":8080,...}'`; each line of its output is `{"stage"}` or `{"result"}`.

import type { Work, WorkName, Works } from "./job.ts";
import { backlog } from "./works/backlog.ts";
import { fill } from "./works/fill.ts";
import { flow } from "./works/flow.ts";
import { guess } from "./works/guess.ts";
import { history } from "./works/history.ts";
import { idle } from "./works/idle.ts";
import { pingPong } from "./works/ping-pong.ts";
import { probe } from "./works/probe.ts";
import { reconnect } from "./works/reconnect.ts";
import { room } from "./works/room.ts";
import { stoppedReader } from "./works/stopped-reader.ts";

const WORKS: { readonly [N in WorkName]: Work<N> } = {
  flow,
  "ping-pong": pingPong,
  probe,
  idle,
  "stopped-reader": stoppedReader,
  backlog,
  fill,
  history,
  room,
  reconnect,
  guess,
};

function print(value: unknown): void {
  process.stdout.write(`${JSON.stringify(value)}\n`);
}

function fail(error: unknown): never {
  process.stderr.write(`${error instanceof Error ? error.message : String(error)}\n`);
  process.exit(1);
}

process.on("uncaughtException", fail);

// Whoever started this process holds its standard input: it never outlives the benchmark. All that
// is ever said there is that the work shall end.
const stop = new AbortController();
process.stdin.on("data", () => stop.abort()).on("end", () => process.exit(1));

function isWork(name: string): name is WorkName {
  return name in WORKS;
}

async function run<N extends WorkName>(name: N, order: Works[N]["order"]): Promise<void> {
  const result = await WORKS[name](order, {
    reached: (stage) => print({ stage }),
    stop: stop.signal,
  });
  process.stdout.write(`${JSON.stringify({ result })}\n`, () => process.exit(0));
}

const [name = "", order = "{}"] = process.argv.slice(2);
if (!isWork(name)) fail(`no such work: ${name}`);
await run(name, JSON.parse(order)).catch(fail);
