// Signals that ask the server to stop: the first begins an orderly shutdown, the second ends at once.

import { isatty } from "node:tty";

/** 128 and the signal's number, as shells report it. */
const EXIT_CODES = { SIGINT: 130, SIGTERM: 143 } as const;

export type StopSignal = keyof typeof EXIT_CODES;

/**
 * One wish to stop can arrive twice: timeout(1) signals its command and then the group that it is
 * in. Within this time, in milliseconds, a second signal is taken for the first.
 */
const REPEATED_WITHIN = 50;

/** Under `npm start` a Ctrl-C comes from the terminal, and again from npm, which takes its time. */
const REPEATED_BY_NPM_WITHIN = 500;

/** Resolves with the first signal. With the second one the process exits at once. */
export function stopSignal(environment: NodeJS.ProcessEnv): Promise<StopSignal> {
  const { promise, resolve } = Promise.withResolvers<StopSignal>();
  const repeats = environment["npm_lifecycle_event"] !== undefined && isatty(0);
  const within = repeats ? REPEATED_BY_NPM_WITHIN : REPEATED_WITHIN;
  let first: number | undefined;
  const received = (signal: StopSignal): void => {
    if (first === undefined) {
      first = performance.now();
      resolve(signal);
    } else if (performance.now() - first > within) {
      process.exit(EXIT_CODES[signal]);
    }
  };
  process.on("SIGINT", received);
  process.on("SIGTERM", received);
  return promise;
}
