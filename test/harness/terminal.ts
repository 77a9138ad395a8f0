// A real terminal: tmux, without anybody in front of it. What a program shows is waited for, never for time.

import assert from "node:assert/strict";
import { type ChildProcess, execFile, spawn, spawnSync } from "node:child_process";
import { once } from "node:events";
import { promisify } from "node:util";
import { ENVIRONMENT } from "./environment.ts";
import type { Scope } from "./line-client.ts";

const run = promisify(execFile);

/** How long something may take to be shown, in ms. */
const PATIENCE = 20_000;

export const hasTmux: boolean = spawnSync("tmux", ["-V"]).status === 0;

export interface TerminalOptions {
  readonly columns?: number;
  readonly rows?: number;
  /** Whether it begins in the first row, instead of below a prompt. */
  readonly isAlone?: boolean;
  readonly environment?: Readonly<Record<string, string>>;
}

let terminals = 0;

export class Terminal {
  readonly #socket: string;
  readonly #watcher: ChildProcess;

  /** How often its bell has rung. */
  rings = 0;

  private constructor(socket: string, watcher: ChildProcess) {
    this.#socket = socket;
    this.#watcher = watcher;
    // In control mode tmux writes control characters as octal numbers.
    watcher.stdout?.setEncoding("latin1").on("data", (text: string) => {
      if (text.includes("\\007")) this.rings += 1;
    });
  }

  /** Starts a program in a terminal of its own, which is taken away after the test. */
  static async start(
    t: Scope,
    command: readonly string[],
    { columns = 80, rows = 24, isAlone = false, environment = {} }: TerminalOptions = {},
  ): Promise<Terminal> {
    const socket = `partyline-test-${process.pid}-${++terminals}`;
    t.after(() => spawnSync("tmux", ["-L", socket, "kill-server"]));
    const env: NodeJS.ProcessEnv = { ...ENVIRONMENT, LC_ALL: "C.UTF-8", ...environment };
    // Not from the terminal that this test itself runs in.
    delete env["TMUX"];
    if (environment["NO_COLOR"] === undefined) delete env["NO_COLOR"];
    const size = ["-x", String(columns), "-y", String(rows)];
    // Started below a prompt, as by a person.
    const script = `${isAlone ? "" : "echo '$ chat'; "}"$@"; printf '[ended %s]' $?; exec sleep 60`;
    const start = ["new-session", "-d", ...size, "sh", "-c", script, "sh", ...command];
    const limit = ["set", "-g", "history-limit", "9000", ";"];
    await run(
      "tmux",
      ["-u", "-L", socket, "-f", "/dev/null", "start-server", ";", ...limit, ...start],
      {
        env,
      },
    );
    // A client in control mode is told of everything that is written.
    const watcher = spawn("tmux", ["-u", "-L", socket, "-C", "attach", "-f", "ignore-size"], {
      env,
      stdio: ["pipe", "pipe", "ignore"],
    });
    t.after(() => watcher.kill("SIGKILL"));
    await once(watcher.stdout, "data");
    return new Terminal(socket, watcher);
  }

  /** Types text. */
  type(text: string): Promise<void> {
    return this.#tmux("send-keys", "-l", "--", text);
  }

  /** Presses keys, as tmux names them: `Enter`, `M-1`, `C-c`. */
  press(...keys: string[]): Promise<void> {
    return this.#tmux("send-keys", ...keys);
  }

  /** Types a line, and ends it. */
  async say(line: string): Promise<void> {
    await this.type(line);
    await this.press("Enter");
  }

  /** Pastes text as a terminal does that brackets it. */
  async paste(text: string): Promise<void> {
    await this.#tmux("set-buffer", "--", text);
    await this.#tmux("paste-buffer", "-p");
  }

  async resize(columns: number, rows: number): Promise<void> {
    await this.#tmux("resize-window", "-x", String(columns), "-y", String(rows));
  }

  /** Takes the terminal away from the program, as when its window is closed. */
  async hangUp(): Promise<void> {
    await this.#tmux("kill-session");
  }

  /** What is shown, a row each, without the empty ones at the end. */
  async rows(): Promise<string[]> {
    return this.#capture();
  }

  /** The same with everything that was scrolled out, and rows that the terminal has broken put together. */
  async everything(): Promise<string[]> {
    return this.#capture("-J", "-S", "-");
  }

  /** What is shown, with its colours and attributes as escape sequences. */
  async styled(): Promise<string> {
    return (await this.#capture("-e")).join("\n");
  }

  async cursor(): Promise<{ x: number; y: number }> {
    const { stdout } = await run("tmux", [
      "-L",
      this.#socket,
      "display",
      "-p",
      "#{cursor_x} #{cursor_y}",
    ]);
    const [x = 0, y = 0] = stdout.trim().split(" ").map(Number);
    return { x, y };
  }

  /** Waits until what is shown, and was, matches. @returns all of it */
  async shows(...expected: readonly (string | RegExp)[]): Promise<string> {
    return this.until(
      (text) => expected.every((one) => matches(text, one)),
      expected.join(" and "),
    );
  }

  /** Waits until something holds for all that is shown, and was; looked at whenever anything is written. */
  async until(
    holds: (text: string, rows: readonly string[]) => boolean,
    what: string,
  ): Promise<string> {
    const deadline = AbortSignal.timeout(PATIENCE);
    for (;;) {
      const written = once(this.#watcher.stdout as NodeJS.ReadableStream, "data", {
        signal: deadline,
      });
      written.catch(() => {});
      const rows = await this.everything();
      const text = rows.join("\n");
      if (holds(text, rows)) return text;
      await written.catch(() => assert.fail(`waited for ${what}; had\n${text}`));
    }
  }

  /** Waits until the program has ended, and gives its exit code. */
  async end(): Promise<number> {
    const text = await this.shows(/\[ended \d+\]/);
    return Number(/\[ended (\d+)\]/.exec(text)?.[1]);
  }

  async #capture(...flags: string[]): Promise<string[]> {
    const { stdout } = await run(
      "tmux",
      ["-u", "-L", this.#socket, "capture-pane", "-p", ...flags],
      {
        maxBuffer: 64 << 20,
      },
    );
    return stdout
      .trimEnd()
      .split("\n")
      .map((row) => row.trimEnd());
  }

  async #tmux(...parameters: string[]): Promise<void> {
    await run("tmux", ["-u", "-L", this.#socket, ...parameters]);
  }
}

function matches(text: string, expected: string | RegExp): boolean {
  return typeof expected === "string" ? text.includes(expected) : expected.test(text);
}
