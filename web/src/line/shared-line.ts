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
  readonly #port: Promise<MessagePort>;
  readonly #pending = new Map<number, Pending>();
  #last = 0;

  /** @param told what happens, one after the other */
  constructor(name: string, told: (what: FromHost) => void) {
    this.name = name;
    this.#told = told;
    this.#port = openPort(name);
    void this.#port.then((port) => {
      port.addEventListener("message", ({ data }) => this.#heard(data as FromHost));
      port.start();
    });
    this.ask = Object.fromEntries(
      METHODS.map((method) => [method, (...given: unknown[]) => this.#call(method, given)]),
    ) as unknown as Calls;
  }

  /** First of all, and again after the line has ended. */
  enter(login?: Login, takeOver = false): void {
    this.say({ kind: "enter", name: this.name, takeOver, ...(login !== undefined && { login }) });
  }

  say(what: FromTab): void {
    void this.#port.then((port) => port.postMessage(what));
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
