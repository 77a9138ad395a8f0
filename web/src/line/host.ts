// The host of a line: owns the one line of a name in this browser, and lets any number of tabs use it. It
// runs in a shared worker, or in the tab itself where there are none.

import {
  connect,
  type Delivery,
  forgetIndexedDbStore,
  indexedDbStore,
  type Line,
  LineError,
  type LineState,
  type PresentName,
} from "../../../src/client/index.ts";
import { nameKey } from "../../../src/protocol/name-keys.ts";
import { HandOver } from "./hand-over.ts";
import {
  type FromHost,
  type FromTab,
  type LineStatus,
  type Login,
  METHODS,
  type OutboxState,
  type SettledSend,
  type Trouble,
} from "./messages.ts";

/** As many deliveries are told together: tabs stay quick while a large backlog comes. */
const TOGETHER = 500;

/** So long the server may take to end a session, in ms. */
const LOG_OUT = 2_000;

/** A page that is loaded anew is back after this long, in ms. */
const RELOAD = 1_000;

interface Tab {
  readonly port: MessagePort;
  isLooking: boolean;
}

export class Host {
  readonly #url: string;
  readonly #name: string;
  readonly #tabs = new Set<Tab>();
  readonly #handOver: HandOver;
  readonly #presence = new Map<string, PresentName>();
  #line: Line | undefined;
  /** Why there is no line. */
  #end: Trouble = { code: "closed", text: "" };

  /** @param url of the server's WebSocket */
  constructor(url: string, name: string) {
    this.#url = url;
    this.#name = name;
    this.#handOver = new HandOver(storeName(url, name), () =>
      this.#close({ code: "elsewhere", text: "another page of this browser has the line" }),
    );
  }

  /** Lets a tab use the line, until it says bye, or is no more: a page that crashed says nothing. */
  attach(port: MessagePort): void {
    const tab: Tab = { port, isLooking: false };
    port.addEventListener("message", ({ data }) => void this.#heard(tab, data as FromTab));
    port.start();
  }

  async #heard(tab: Tab, said: FromTab): Promise<void> {
    const line = this.#line;
    switch (said.kind) {
      case "enter":
        return this.#enter(tab, said);
      case "bye":
        return this.#leave(tab);
      case "looking":
        tab.isLooking = said.isLooking;
        return;
      case "logOut":
        return this.#logOut();
      case "call":
        return this.#call(tab, said);
      case "send":
        return this.#send(tab, said);
      case "read":
        line?.markRead(said.with, said.seq);
        return this.#tell({ kind: "read", read: { with: said.with, seq: said.seq } }, tab);
      case "typing":
        return line?.typing(said.to);
      case "retry":
        return line?.retry();
    }
  }

  async #enter(
    tab: Tab,
    { login, takeOver = false, lock }: Extract<FromTab, { kind: "enter" }>,
  ): Promise<void> {
    this.#tabs.add(tab);
    if (lock !== undefined) void navigator.locks.request(lock, () => this.#leave(tab));
    if (takeOver || !("locks" in navigator)) await this.#handOver.ask();
    this.#line ??= this.#open(login);
    tab.port.postMessage(this.#status());
    tab.port.postMessage(this.#outbox());
    tab.port.postMessage(present([...this.#presence.values()]));
  }

  /** Without tabs there is no line; a page that is only loaded anew finds it again. */
  #leave(tab: Tab): void {
    this.#tabs.delete(tab);
    setTimeout(() => {
      if (this.#tabs.size === 0) void this.#close({ code: "closed", text: "no page is open" });
    }, RELOAD);
  }

  #open(login: Login = {}): Line {
    const line = connect(this.#url, {
      name: this.#name,
      store: indexedDbStore(storeName(this.#url, this.#name)),
      keepRefused: true,
      ...login,
    });
    const isCurrent = (): boolean => this.#line === line;
    line.on("state", (state) => {
      if (isCurrent()) this.#stateChanged(line, state);
    });
    line.on("outbox", (settled) => {
      if (isCurrent()) this.#tell(this.#outbox(settled && withoutError(settled)));
    });
    line.on("presence", ({ names }) => {
      for (const one of names) this.#presence.set(nameKey(one.name), one);
      this.#tell(present(names));
    });
    line.on("read", (read) => this.#tell({ kind: "read", read }));
    line.on("typing", (typing) => this.#tell({ kind: "typing", typing }));
    line.on("invited", (invited) => this.#tell({ kind: "invited", invited }));
    line.on("lost", (lost) => this.#tell({ kind: "lost", lost }));
    line.watchPresence().catch(() => {});
    line.opened.then(
      () => this.#tell(this.#outbox()),
      (error: LineError) => this.#ended(line, error),
    );
    // How it ends is told by its state.
    void this.#deliver(line).catch(() => {});
    return line;
  }

  #stateChanged(line: Line, state: LineState): void {
    if (state.kind === "closed") return this.#ended(line, state.error);
    // Who is there is told again.
    if (state.kind === "online") this.#presence.clear();
    this.#tell(this.#status());
  }

  #ended(line: Line, error: LineError | undefined): void {
    if (this.#line !== line) return;
    this.#line = undefined;
    if (error !== undefined) {
      // Another page has it.
      const isElsewhere = error.code === "store-in-use";
      this.#end = { ...troubleOf(error), ...(isElsewhere && { code: "elsewhere" }) };
    }
    this.#tell(this.#status());
  }

  /** Tells what comes to all tabs, and confirms it. */
  async #deliver(line: Line): Promise<void> {
    let batch: Delivery[] = [];
    const flush = (): void => {
      const deliveries = batch;
      batch = [];
      const last = deliveries.at(-1);
      // Without a tab nobody was told: it comes again.
      if (last === undefined || this.#tabs.size === 0 || this.#line !== line) return;
      this.#tellDeliveries(deliveries);
      line.confirm(last.seq).catch((error: LineError) => {
        this.#tell({ kind: "trouble", trouble: troubleOf(error) });
      });
    };
    for await (const delivery of line.deliveries({ confirm: false })) {
      batch.push(delivery);
      if (batch.length === 1) setTimeout(flush);
      if (batch.length === TOGETHER) {
        flush();
        await new Promise((resolve) => setTimeout(resolve));
      }
    }
  }

  #tellDeliveries(deliveries: readonly Delivery[]): void {
    const tabs = [...this.#tabs];
    const isLooking = tabs.some((tab) => tab.isLooking);
    for (const [index, { port }] of tabs.entries()) {
      const isNotified = !isLooking && index === tabs.length - 1;
      port.postMessage({ kind: "deliveries", deliveries, isNotified } satisfies FromHost);
    }
  }

  #send({ port }: Tab, { to, body }: Extract<FromTab, { kind: "send" }>): void {
    const unkept = (trouble: Trouble): void =>
      port.postMessage({ kind: "unkept", to, body, trouble } satisfies FromHost);
    if (this.#line === undefined) return unkept(this.#end);
    // A refusal is told as what became of it; only what could not be kept is not.
    this.#line.send(to, body).catch((error: LineError) => {
      if (error.code === "store" || error.code === "store-in-use") unkept(troubleOf(error));
    });
  }

  async #call(
    { port }: Tab,
    { id, method, given }: Extract<FromTab, { kind: "call" }>,
  ): Promise<void> {
    try {
      const line = this.#line;
      if (line === undefined) throw new LineError("closed", "the line was closed");
      if (!METHODS.includes(method)) throw new TypeError(`${method} cannot be asked for`);
      const value: unknown = await (line[method] as (...given: readonly unknown[]) => unknown)(
        ...given,
      );
      port.postMessage({ kind: "answer", id, value } satisfies FromHost);
    } catch (error) {
      const trouble = troubleOf(error as LineError);
      port.postMessage({ kind: "refusal", id, trouble } satisfies FromHost);
    }
  }

  async #logOut(): Promise<void> {
    // Without a connection the session ends by itself, after a time without use.
    const ended = this.#line?.state.kind === "online" ? this.#line.logOut() : Promise.resolve();
    const patience = new Promise<void>((resolve) => setTimeout(resolve, LOG_OUT));
    await Promise.race([ended.catch(() => {}), patience]);
    await this.#close({ code: "left", text: "logged out" });
    await forgetIndexedDbStore(storeName(this.#url, this.#name)).catch((error: LineError) => {
      this.#tell({ kind: "trouble", trouble: troubleOf(error) });
    });
  }

  async #close(why: Trouble): Promise<void> {
    const line = this.#line;
    this.#line = undefined;
    this.#end = why;
    this.#tell(this.#status());
    await line?.close();
  }

  #status(): FromHost {
    const line = this.#line;
    const name = line?.name ?? this.#name;
    const status: LineStatus =
      line === undefined || line.state.kind === "closed"
        ? { kind: "closed", trouble: this.#end }
        : line.state;
    return { kind: "status", name, status };
  }

  #outbox(settled?: SettledSend): FromHost {
    const { unsent = [], refused = [] } = this.#line ?? {};
    const outbox: OutboxState = { unsent, refused, ...(settled !== undefined && { settled }) };
    return { kind: "outbox", outbox };
  }

  /** @param except the one that has said it */
  #tell(what: FromHost, except?: Tab): void {
    for (const tab of this.#tabs) if (tab !== except) tab.port.postMessage(what);
  }
}

/** What is kept of a name at a server. */
function storeName(url: string, name: string): string {
  return `${nameKey(name)}@${new URL(url).host}`;
}

function present(names: readonly PresentName[]): FromHost {
  return { kind: "presence", names };
}

function troubleOf({ code, message }: LineError): Trouble {
  return { code, text: message };
}

function withoutError({ id, outcome, ...rest }: SettledSend): SettledSend {
  return { id, outcome, ...("seqs" in rest && { seqs: rest.seqs, at: rest.at }) };
}
