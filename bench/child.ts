// The processes that a benchmark starts: each is ended with it, however it ends.

import { type ChildProcess, spawn } from "node:child_process";
import { createInterface } from "node:readline";

/** How much of what a process said on its standard error is kept for the reason of a failure, in characters. */
const TAIL = 2000;

/** Without the server's variables: defaults are measured, and not what somebody's shell has set. */
const ENVIRONMENT = Object.fromEntries(
  Object.entries(process.env).filter(([name]) => !name.startsWith("PARTYLINE_")),
);

const running = new Set<ChildProcess>();

/** Kills whatever runs still. */
export function endAll(): void {
  for (const child of running) child.kill("SIGKILL");
}

export class Child {
  readonly name: string;
  readonly pid: number;
  /** Resolves when the process has ended, with what it ended with; never rejects. */
  readonly ended: Promise<string>;
  /** Called with each line of its standard output. */
  onLine: (line: string) => void = () => undefined;
  readonly #process: ChildProcess;
  #errors = "";

  constructor(name: string, [command = "", ...args]: readonly string[]) {
    this.name = name;
    this.#process = spawn(command, args, { stdio: "pipe", env: ENVIRONMENT });
    running.add(this.#process);
    this.pid = this.#process.pid ?? 0;
    this.#process.stdin?.on("error", () => undefined);
    this.#process.stderr?.setEncoding("utf8").on("data", (text: string) => {
      this.#errors = (this.#errors + text).slice(-TAIL);
    });
    if (this.#process.stdout !== null) {
      createInterface({ input: this.#process.stdout }).on("line", (line) => this.onLine(line));
    }
    this.ended = new Promise((resolve) => {
      this.#process.on("error", (error) => {
        running.delete(this.#process);
        resolve(error.message);
      });
      this.#process.on("close", (code, signal) => {
        running.delete(this.#process);
        resolve(signal ?? `exit code ${code}`);
      });
    });
  }

  /** Whether the process runs still. */
  get runs(): boolean {
    return running.has(this.#process);
  }

  /** The last line of its standard error. */
  get lastError(): string {
    return this.#errors.trimEnd().split("\n").at(-1) ?? "";
  }

  /** Writes to its standard input. */
  tell(text: string): void {
    this.#process.stdin?.write(text);
  }

  /** Resolves when the process has ended, with one line that says how. */
  async whyEnded(): Promise<string> {
    const end = await this.ended;
    return `${this.name} ended: ${this.lastError || end}`;
  }

  kill(): void {
    this.#process.kill("SIGKILL");
  }

  /** SIGTERM, and SIGKILL after `graceMs`. Resolves with what the process ended with. */
  async stop(graceMs: number): Promise<string> {
    const timer = setTimeout(() => this.kill(), graceMs);
    this.#process.kill("SIGTERM");
    const end = await this.ended;
    clearTimeout(timer);
    return end;
  }
}
