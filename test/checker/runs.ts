// Where a program runs: in this process, with a disk that crashes, or in one of its own, which is killed.

import { type ChildProcess, fork } from "node:child_process";
import { once } from "node:events";
import { connect, type LineOptions } from "../../src/client/index.ts";
import type { CrashDisk } from "./crash-disk.ts";
import { type Command, runProgram, type Told } from "./program.ts";

/** One run. Nothing is told of it once it was asked to end. */
export interface Run {
  do(command: Command): void;
  /** It dies in the middle of whatever it does. */
  die(): Promise<void>;
  /** It ends in good order. */
  close(): Promise<void>;
}

export interface Place {
  start(tell: (told: Told) => void): Run;
  /** Whether all that it tells is heard: nothing is on its way when it dies. */
  readonly isHeard: boolean;
  /** Whether its writes may fail, from the next one on. */
  isRough: boolean;
}

/** In this process. */
export function placeHere(
  url: string,
  options: Omit<LineOptions, "store">,
  disk: CrashDisk,
): Place {
  return {
    isHeard: true,
    get isRough() {
      return disk.isRough;
    },
    set isRough(is) {
      disk.isRough = is;
    },
    start(tell) {
      let isOver = false;
      const line = connect(url, { ...options, store: disk.store() });
      const program = runProgram(line, (told) => {
        if (!isOver) tell(told);
      });
      return {
        do: (command) => program(command),
        async die() {
          isOver = true;
          const closed = line.close();
          disk.crash();
          await closed;
        },
        async close() {
          isOver = true;
          await line.close();
        },
      };
    },
  };
}

const CHILD = new URL("./program-child.ts", import.meta.url);

/** In a process of its own, with a store in a file. */
export function placeElsewhere(url: string, name: string, path: string): Place {
  return {
    isHeard: false,
    isRough: false,
    start(tell) {
      let isOver = false;
      const child: ChildProcess = fork(CHILD, [url, name, path]);
      child.on("message", (told: Told) => {
        if (!isOver) tell(told);
      });
      child.on("error", () => {});
      child.on("exit", () => {
        if (!isOver) tell({ tell: "ended", code: "exit" });
      });
      const die = async (): Promise<void> => {
        isOver = true;
        if (child.exitCode !== null || child.signalCode !== null) return;
        const ended = once(child, "exit");
        child.kill("SIGKILL");
        await ended;
      };
      return {
        do: (command) => void (child.connected && child.send(command, () => {})),
        die,
        close: die,
      };
    },
  };
}
