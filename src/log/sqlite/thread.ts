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
type Answer = Answered | "ready" | "closed";

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
  readonly ready: Promise<void>;
  call<N extends keyof R & string>(
    name: N,
    argument: Parameters<R[N]>[0],
  ): Promise<ReturnType<R[N]>>;
  /** Answers what was asked before, then ends. */
  close(): Promise<void>;
}

/** Answers in the caller's own thread, where that is quicker: nothing in it may wait for a disk. */
export class SameThread<R extends Requests> implements Answerer<R> {
  readonly ready: Promise<void> = Promise.resolve();
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

/** The caller's side of a thread. One that has died is begun anew with the next question. */
export class Thread<R extends Requests> implements Answerer<R> {
  readonly #url: URL;
  readonly #name: string;
  readonly #data: unknown;
  readonly #died: (error: Error) => void;
  #running: Running;

  /**
   * @param module the thread's module, beside the caller's: a name without its ending
   * @param caller the caller's `import.meta.url`, whose ending (.ts or .js) the module shares
   * @param died told when it ends although it was ready and not closed; what it was asked and had not
   *   answered is rejected, whether it was done or not
   */
  constructor(
    module: string,
    caller: string,
    data: unknown,
    died: (error: Error) => void = () => {},
  ) {
    this.#url = new URL(`./${module}${extname(new URL(caller).pathname)}`, caller);
    this.#name = module;
    this.#data = data;
    this.#died = died;
    this.#running = this.#run();
  }

  /** Resolves when it can answer. @throws what kept it from it: a file that cannot be opened … */
  get ready(): Promise<void> {
    return this.#running.ready;
  }

  call<N extends keyof R & string>(
    name: N,
    argument: Parameters<R[N]>[0],
  ): Promise<ReturnType<R[N]>> {
    if (this.#running.hasDied) this.#running = this.#run();
    return this.#running.call({ name, argument });
  }

  close(): Promise<void> {
    return this.#running.close();
  }

  #run(): Running {
    return new Running(this.#url, this.#name, this.#data, this.#died);
  }
}

/** One life of a thread. */
class Running {
  readonly ready: Promise<void>;
  readonly #worker: Worker;
  readonly #wake = new Int32Array(new SharedArrayBuffer(4));
  readonly #waiting: Waiting[] = [];
  #isReady = false;
  #isClosed = false;
  #ended: Error | undefined;

  constructor(url: URL, name: string, data: unknown, died: (error: Error) => void) {
    const ready = Promise.withResolvers<void>();
    this.ready = ready.promise;
    // Who asks something meanwhile is told as well.
    this.ready.catch(() => {});
    this.#worker = new Worker(url, {
      workerData: { wake: this.#wake, data },
      name,
      resourceLimits: HEAP,
    });
    this.#worker.on("message", (answer: Answer) => {
      if (answer !== "ready") return this.#answered(answer);
      this.#isReady = true;
      ready.resolve();
    });
    const end = (error: Error): void => {
      if (this.#ended !== undefined) return;
      this.#ended = error;
      ready.reject(error);
      for (const waiting of this.#waiting.splice(0)) waiting.reject(error);
      if (this.#isReady && !this.#isClosed) died(error);
    };
    this.#worker.on("error", (error) => end(error as Error));
    this.#worker.on("exit", () => end(new Error(`the ${name} has ended`)));
  }

  get hasDied(): boolean {
    return this.#ended !== undefined && !this.#isClosed;
  }

  call(request: Request): Promise<never> {
    if (this.#ended !== undefined) return Promise.reject(this.#ended);
    return new Promise((resolve, reject) => {
      this.#waiting.push({ resolve, reject });
      this.#worker.postMessage(request);
      // Waking a thread by a futex takes a third of the time that its event loop takes.
      Atomics.add(this.#wake, 0, 1);
      Atomics.notify(this.#wake, 0);
    });
  }

  async close(): Promise<void> {
    this.#isClosed = true;
    if (this.#ended !== undefined) return;
    const ended = new Promise<void>((resolve) => this.#worker.once("exit", () => resolve()));
    this.call({ name: "close", argument: undefined }).catch(() => {});
    await ended;
  }

  #answered(answer: Answered | "closed"): void {
    const waiting = this.#waiting.shift();
    if (answer === "closed") return;
    if ("error" in answer) waiting?.reject(answer.error);
    else waiting?.resolve(answer.value as never);
  }
}

/** The thread's side: answers until it is told to close. Never returns to an event loop. */
export function serve(start: (data: never) => Requests & { close(): void }): void {
  const { wake, data } = workerData as ThreadData;
  const port = parentPort;
  if (port === null) throw new Error("this module runs in a thread");
  const requests = start(data);
  port.postMessage("ready" satisfies Answer);
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
