// The real server as a child process, on a free port, with a data folder of its own.

import assert from "node:assert/strict";
import { type ChildProcess, spawn, type SpawnOptions } from "node:child_process";
import { on, once } from "node:events";
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { COMMAND } from "./command.ts";
import { ENVIRONMENT } from "./environment.ts";
import { LineClient, type Scope } from "./line-client.ts";

const AS_SERVER: SpawnOptions = { stdio: ["ignore", "pipe", "pipe"], env: ENVIRONMENT };

/** How long a server may take to start or to end, in ms. */
const PATIENCE = 30_000;

export interface ServerOptions {
  readonly args?: readonly string[];
  /** A folder that another server had; by default a new one, removed after the test. */
  readonly data?: string;
  /** By default one that is free. */
  readonly port?: number;
  /** Started by way of this shell line, in which "$@" stands for the command: `ulimit -n 200; exec "$@"`. */
  readonly shell?: string;
}

export function temporaryFolder(t: Scope): string {
  const folder = mkdtempSync(join(tmpdir(), "partyline-test-"));
  t.after(() => rmSync(folder, { recursive: true, force: true, maxRetries: 3 }));
  return folder;
}

/** Whoever comes from another machine is let in under any name. */
export const OPEN: readonly string[] = ["--open-names", "on"];

export class TestServer {
  readonly data: string;
  readonly child: ChildProcess;
  readonly port: number;
  /** Of each address: its own, then those of further `--listen` in the arguments. */
  readonly ports: readonly number[];
  /** Of --metrics-listen in the arguments. */
  readonly metricsPort: number | undefined;
  /** Everything it wrote to stderr so far. */
  readonly errors: () => string;

  private constructor(
    data: string,
    child: ChildProcess,
    ports: readonly number[],
    metricsPort: number | undefined,
    errors: () => string,
  ) {
    this.data = data;
    this.child = child;
    this.port = ports[0] ?? assert.fail("no port");
    this.ports = ports;
    this.metricsPort = metricsPort;
    this.errors = errors;
  }

  /** Starts a server and waits until it listens. It is killed after the test. */
  static async start(t: Scope, options: ServerOptions = {}): Promise<TestServer> {
    const data = options.data ?? temporaryFolder(t);
    const listen = `127.0.0.1:${options.port ?? 0}`;
    const command = [process.execPath, COMMAND, "serve", "--listen", listen, "--data", data];
    const all = [...command, ...(options.args ?? [])];
    const child =
      options.shell === undefined
        ? spawn(all[0] as string, all.slice(1), AS_SERVER)
        : spawn("sh", ["-c", options.shell, "sh", ...all], AS_SERVER);
    t.after(() => child.kill("SIGKILL"));
    let errors = "";
    child.stderr?.setEncoding("utf8").on("data", (text: string) => (errors += text));
    const addresses = all.filter((arg) => arg === "--listen").length;
    const allPorts = await listeningPorts(
      child,
      () => errors,
      addresses + (all.includes("--metrics-listen") ? 1 : 0),
    );
    const [ports, [metricsPort]] = [allPorts.slice(0, addresses), allPorts.slice(addresses)];
    return new TestServer(data, child, ports, metricsPort, () => errors);
  }

  connect(t: Scope): LineClient {
    return LineClient.connect(t, this.port);
  }

  /** Logs somebody in, and waits until the server has done so. */
  async login(t: Scope, name: string): Promise<LineClient> {
    const client = this.connect(t);
    await client.login(name);
    return client;
  }

  /** Sends a signal and waits for the end. @returns the exit code, or the signal's name */
  async end(signal: NodeJS.Signals): Promise<number | NodeJS.Signals> {
    if (this.child.exitCode !== null) return this.child.exitCode;
    const ended = once(this.child, "exit", { signal: AbortSignal.timeout(PATIENCE) });
    this.child.kill(signal);
    const [code, by] = (await ended) as [number | null, NodeJS.Signals | null];
    return code ?? by ?? assert.fail("neither a code nor a signal");
  }

  /** Its resident memory, in bytes. */
  get residentBytes(): number {
    return this.#memory("VmRSS");
  }

  /** The most resident memory it had since `forgetPeak`, in bytes. */
  get peakBytes(): number {
    return this.#memory("VmHWM");
  }

  /** From here on the peak is counted. */
  forgetPeak(): void {
    writeFileSync(`/proc/${this.child.pid}/clear_refs`, "5");
  }

  #memory(row: string): number {
    const status = readFileSync(`/proc/${this.child.pid}/status`, "utf8");
    return Number(new RegExp(`${row}:\\s+(\\d+)`).exec(status)?.[1]) * 1024;
  }
}

async function listeningPorts(
  child: ChildProcess,
  errors: () => string,
  count: number,
): Promise<number[]> {
  const lines = on(createInterface({ input: child.stdout ?? assert.fail("no stdout") }), "line", {
    signal: AbortSignal.timeout(PATIENCE),
  });
  const exit = once(child, "exit").then(() => assert.fail(`it ended: ${errors()}`));
  exit.catch(() => {});
  const ports: number[] = [];
  while (ports.length < count) {
    const { value } = await Promise.race([lines.next(), exit]);
    const port = /^(?:listening|metrics) on .*:(\d+)$/.exec(String(value))?.[1];
    assert.ok(port !== undefined, String(value));
    ports.push(Number(port));
  }
  return ports;
}
