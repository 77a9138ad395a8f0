// A line as a tab has it: asks the host, and is told what happens.

import workerUrl from "./worker.ts?sharedworker&url";
import { trusted } from "../trusted.ts";
import {
  type Calls,
  type FromHost,
  type FromTab,
  type Login,
  type Method,
  METHODS,
  type Trouble,
} from "./messages.ts";
import { socketUrl } from "./socket-url.ts";

/** Why something that was asked for did not happen. */
export class Refusal extends Error implements Trouble {
  readonly code: Trouble["code"];
  readonly text: string;

  constructor({ code, text }: Trouble) {
    super(text);
    this.name = "Refusal";
    this.code = code;
    this.text = text;
  }
}

interface Pending {
  readonly resolve: (value: never) => void;
  readonly reject: (error: Refusal) => void;
}

export class SharedLine {
  /** What can be asked for. Each throws `Refusal`. */
  readonly ask: Calls;
  readonly name: string;
  readonly #told: (what: FromHost) => void;
  readonly #way: Promise<Way>;
  readonly #pending = new Map<number, Pending>();
  #last = 0;

  /** @param told what happens, one after the other */
  constructor(name: string, told: (what: FromHost) => void) {
    this.name = name;
    this.#told = told;
    this.#way = openWay(name);
    void this.#way.then(({ port }) => {
      port.addEventListener("message", ({ data }) => this.#heard(data as FromHost));
      port.start();
    });
    this.ask = Object.fromEntries(
      METHODS.map((method) => [method, (...given: unknown[]) => this.#call(method, given)]),
    ) as unknown as Calls;
  }

  /** First of all, and again after the line has ended. */
  enter(login?: Login, takeOver = false): void {
    const { name } = this;
    void this.#way.then(({ port, lock }) => {
      const enter = {
        kind: "enter" as const,
        name,
        takeOver,
        lock,
        ...(login !== undefined && { login }),
      };
      port.postMessage(enter satisfies FromTab);
    });
  }

  say(what: FromTab): void {
    void this.#way.then(({ port }) => port.postMessage(what));
  }

  #call(method: Method, given: readonly unknown[]): Promise<unknown> {
    this.#last += 1;
    const id = this.#last;
    const { promise, resolve, reject } = Promise.withResolvers<unknown>();
    this.#pending.set(id, { resolve, reject });
    this.say({ kind: "call", id, method, given });
    return promise;
  }

  #heard(what: FromHost): void {
    if (what.kind !== "answer" && what.kind !== "refusal") return this.#told(what);
    const pending = this.#pending.get(what.id);
    this.#pending.delete(what.id);
    if (what.kind === "answer") pending?.resolve(what.value as never);
    else pending?.reject(new Refusal(what.trouble));
  }
}

/** To the host, which hears of this page's end by a lock. */
interface Way {
  readonly port: MessagePort;
  readonly lock: string | undefined;
}

async function openWay(name: string): Promise<Way> {
  const [port, lock] = await Promise.all([openPort(name), holdLock()]);
  return { port, lock };
}

/** To the host that all tabs share; where there are no shared workers, to one of this tab's own. */
async function openPort(name: string): Promise<MessagePort> {
  if ("SharedWorker" in globalThis) {
    const url = trusted(new URL(workerUrl, document.baseURI).href);
    return new SharedWorker(url, { type: "module", name }).port;
  }
  const { Host } = await import("./host.ts");
  const { port1, port2 } = new MessageChannel();
  new Host(socketUrl(location), name).attach(port2);
  return port1;
}

/** Holds a lock of this page's own for as long as it is there. Pages without TLS have none. */
async function holdLock(): Promise<string | undefined> {
  if (!("locks" in navigator)) return undefined;
  const name = `partyline page ${crypto.randomUUID()}`;
  const held = Promise.withResolvers<void>();
  void navigator.locks.request(name, () => {
    held.resolve();
    return new Promise(() => {});
  });
  await held.promise;
  return name;
}
