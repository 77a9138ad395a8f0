// Threads that answer requests one after another: SQLite is synchronous, and must not stop the
// event loop. The caller's side and the thread's side of one small protocol.

import { extname } from "node:path";
import { parentPort, receiveMessageOnPort, Worker, workerData } from "node:worker_threads";

/** A thread works on one batch or page at a time; garbage beyond that is memory for nothing. In MiB. */
const HEAP = { maxYoungGenerationSizeMb: 6, maxOldGenerationSizeMb: 256 };

/** What a thread can be asked: names of requests, with what they take and give. */
export type Requests = Record<string, (argument: never) => unknown>;

interface Request {
  readonly name: string;
  readonly argument: unknown;
}

type Answered = { readonly value: unknown } | { readonly error: Error };
type Answer = Answered | "closed";

interface ThreadData {
  readonly wake: Int32Array;
  readonly data: never;
}

interface Waiting {
  resolve(value: never): void;
  reject(error: Error): void;
}

/** Something that answers requests, in order. */
export interface Answerer<R extends Requests> {
  call<N extends keyof R & string>(
    name: N,
    argument: Parameters<R[N]>[0],
  ): Promise<ReturnType<R[N]>>;
  /** Answers what was asked before, then ends. */
  close(): Promise<void>;
}

/** Answers in the caller's own thread, where that is quicker: nothing in it may wait for a disk. */
export class SameThread<R extends Requests> implements Answerer<R> {
  readonly #requests: R & { close(): void };

  constructor(requests: R & { close(): void }) {
    this.#requests = requests;
  }

  async call<N extends keyof R & string>(
    name: N,
    argument: Parameters<R[N]>[0],
  ): Promise<ReturnType<R[N]>> {
    const answered = answer(this.#requests, name, argument);
    if ("error" in answered) throw answered.error;
    return answered.value as ReturnType<R[N]>;
  }

  async close(): Promise<void> {
    this.#requests.close();
  }
}

/** The caller's side of a thread. */
export class Thread<R extends Requests> implements Answerer<R> {
  readonly #worker: Worker;
  readonly #wake = new Int32Array(new SharedArrayBuffer(4));
  readonly #waiting: Waiting[] = [];
  #ended: Error | undefined;

  /**
   * @param module the thread's module, beside the caller's: a name without its ending
   * @param caller the caller's `import.meta.url`, whose ending (.ts or .js) the module shares
   */
  constructor(module: string, caller: string, data: unknown) {
    const url = new URL(`./${module}${extname(new URL(caller).pathname)}`, caller);
    const threadData = { wake: this.#wake, data };
    this.#worker = new Worker(url, {
      workerData: threadData,
      name: module,
      resourceLimits: HEAP,
    });
    this.#worker.on("message", (answer: Answer) => this.#answered(answer));
    this.#worker.on("error", (error) => this.#failAll(error as Error));
    this.#worker.on("exit", () => this.#failAll(new Error(`${module} has ended`)));
  }

  call<N extends keyof R & string>(
    name: N,
    argument: Parameters<R[N]>[0],
  ): Promise<ReturnType<R[N]>> {
    if (this.#ended !== undefined) return Promise.reject(this.#ended);
    return new Promise((resolve, reject) => {
      this.#waiting.push({ resolve, reject });
      const request: Request = { name, argument };
      this.#worker.postMessage(request);
      // Waking a thread by a futex takes a third of the time that its event loop takes.
      Atomics.add(this.#wake, 0, 1);
      Atomics.notify(this.#wake, 0);
    });
  }

  async close(): Promise<void> {
    if (this.#ended !== undefined) return;
    const ended = new Promise<void>((resolve) => this.#worker.once("exit", () => resolve()));
    this.call("close", undefined as never).catch(() => {});
    await ended;
  }

  #answered(answer: Answer): void {
    const waiting = this.#waiting.shift();
    if (answer === "closed") return;
    if ("error" in answer) waiting?.reject(answer.error);
    else waiting?.resolve(answer.value as never);
  }

  #failAll(error: Error): void {
    this.#ended ??= error;
    for (const waiting of this.#waiting.splice(0)) waiting.reject(error);
  }
}

/** The thread's side: answers until it is told to close. Never returns to an event loop. */
export function serve(start: (data: never) => Requests & { close(): void }): void {
  const { wake, data } = workerData as ThreadData;
  const port = parentPort;
  if (port === null) throw new Error("this module runs in a thread");
  const requests = start(data);
  for (let seen = 0; ;) {
    const received: { message: Request } | undefined = receiveMessageOnPort(port);
    if (received === undefined) {
      Atomics.wait(wake, 0, seen);
      seen = Atomics.load(wake, 0);
      continue;
    }
    const { name, argument } = received.message;
    if (name === "close") {
      requests.close();
      port.postMessage("closed" satisfies Answer);
      process.exit();
    }
    port.postMessage(answer(requests, name, argument));
  }
}

function answer(requests: Requests, name: string, argument: unknown): Answered {
  try {
    return { value: requests[name]?.(argument as never) };
  } catch (error) {
    return { error: error as Error };
  }
}
