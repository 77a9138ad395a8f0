// Signals that ask the server to stop: the first begins an orderly shutdown, the second ends at once.

/** 128 and the signal's number, as shells report it. */
const EXIT_CODES = { SIGINT: 130, SIGTERM: 143 } as const;

export type StopSignal = keyof typeof EXIT_CODES;

/**
 * A Ctrl-C under `npm start` reaches the server twice, from the terminal and from npm, which passes
 * it on. Within this time, in milliseconds, the second one is taken for the first.
 */
const NPM_REPEATS_WITHIN = 500;

/** Resolves with the first signal. From the second one on, the process exits at once. */
export function stopSignal(environment: NodeJS.ProcessEnv): Promise<StopSignal> {
  const { promise, resolve } = Promise.withResolvers<StopSignal>();
  const underNpm = environment["npm_lifecycle_event"] !== undefined;
  let first: number | undefined;
  const received = (signal: StopSignal): void => {
    if (first === undefined) {
      first = performance.now();
      resolve(signal);
    } else if (!underNpm || performance.now() - first > NPM_REPEATS_WITHIN) {
      process.exit(EXIT_CODES[signal]);
    }
  };
  process.on("SIGINT", received);
  process.on("SIGTERM", received);
  return promise;
}
