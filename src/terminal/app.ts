// The terminal client while it runs: between keys, the model, the session and the screen.

import { render } from "ink";
import { createElement } from "react";
import type { Depth } from "./colours.ts";
import { parseRequest, type Request } from "./commands.ts";
import { completerOf } from "./complete.ts";
import { watchFocus } from "./focus.ts";
import { createInput, edit, type Input, submit, withText } from "./input.ts";
import type { Key } from "./keys.ts";
import type { Line } from "./lines.ts";
import type { Effect, Happening, Pending } from "./happening.ts";
import { createModel, find, type Model, update } from "./model.ts";
import { nameKey } from "../protocol/name-keys.ts";
import { formatRing } from "./notify.ts";
import { perform } from "./perform.ts";
import { beforeFirst, beforeRedraw, breaksRows, erasing } from "./resize.ts";
import { sanitizeLine, sanitizePaste } from "./sanitize.ts";
import { type Screen, screenOf, writtenRows } from "./screen.ts";
import type { Session } from "./session.ts";
import { stopGroup, suspendOnSignal } from "./suspend.ts";
import { formatLine } from "./transcript.ts";
import { View } from "./view.ts";

/** A second: Ink itself puts nothing off, since what it draws later is for a size that may have changed. */
const MOST_FRAMES = 1_000;

/** Printed at a time, so that keys are read in between, and memory stays as it is. */
const MOST_LINES = 100;

/** In ms: how often others are told that one is typing. */
const TYPING_EVERY = 3_000;

export interface AppOptions {
  readonly name: string;
  /** Where to begin: a room that is joined, or a name. */
  readonly place: string | undefined;
  readonly stdout: NodeJS.WriteStream;
  readonly environment: NodeJS.ProcessEnv;
  readonly depth: Depth;
}

export class App {
  readonly #options: AppOptions;
  readonly #ended = Promise.withResolvers<void>();
  #session: Session | undefined;
  #model: Model;
  #input: Input = createInput();
  /** The refused message that was taken back into the input: it is kept until that is sent. */
  #takenBack: Pending | undefined;
  #pasted: string | undefined;
  #hint: string | undefined;
  /** Lines that are not on the screen yet. */
  #lines: Line[] = [];
  #generation = 0;
  /** As it was drawn, and for how many columns. */
  #screen: Screen | undefined;
  #columns = 0;
  #instance: ReturnType<typeof render> | undefined;
  #isDrawing = false;
  #typedAt = 0;
  #ring = "";

  constructor(options: AppOptions) {
    this.#options = options;
    this.#model = createModel(options.name);
  }

  /** Tells how many messages were sent that other clients of the name had left. */
  readonly sentLeft = (count: number): void => {
    if (count === 0) return;
    const text = `sent ${count} that another terminal had left here`;
    this.happen({ kind: "say", lines: [{ kind: "note", text }] });
  };

  /** Tells what went wrong. */
  readonly fail = (error: Error): void => {
    const text = sanitizeLine(error.message);
    this.happen({ kind: "say", lines: [{ kind: "error", text }] });
  };

  readonly happen = (happened: Happening): void => {
    const { model, print, effects } = update(this.#model, happened);
    this.#model = model;
    this.#lines.push(...print);
    for (const effect of effects) this.#do(effect);
    if (tellsOfConversations(happened)) this.#begin();
    this.#drawSoon();
  };

  /** Draws, and takes keys, until it is quit, or `end` comes. @throws LineError why the line ended by itself */
  async run(session: Session, end: AbortSignal): Promise<void> {
    const { stdout, environment } = this.#options;
    if (end.aborted) return;
    end.addEventListener("abort", () => this.#ended.resolve(), { once: true });
    this.#session = session;
    await session.start();
    const { place } = this.#options;
    if (place?.startsWith("#") === true) this.#perform({ kind: "join", room: place });
    else if (place !== undefined) this.#go(place);
    const delivered = session.deliver();
    // What ends it is thrown below, also when that is before anybody waits for it.
    delivered.catch(() => {});
    this.#draw();
    const resized = (): void => this.#draw();
    const beforeResized = (): void => {
      if (this.#screen === undefined || stdout.columns >= this.#columns) return;
      if (breaksRows(environment)) stdout.write(beforeRedraw(this.#screen, stdout.columns));
    };
    stdout.prependListener("resize", beforeResized);
    stdout.on("resize", resized);
    const endSuspending = suspendOnSignal({
      stdin: process.stdin,
      stdout,
      clear: () => this.#instance?.clear(),
      draw: () => this.#draw(),
    });
    // Ink has its listener by now: this one only looks on.
    const endFocus = watchFocus(process.stdin, stdout, (hasFocus) =>
      this.happen({ kind: "focus", hasFocus }),
    );
    const clock = setInterval(() => this.#tick(), 1_000);
    try {
      await Promise.race([this.#ended.promise, delivered.then(() => this.#ended.promise)]);
    } finally {
      clearInterval(clock);
      endSuspending();
      endFocus();
      stdout.off("resize", beforeResized).off("resize", resized);
      do this.#draw();
      while (this.#lines.length > 0);
      this.#instance?.clear();
      this.#instance?.unmount();
      await this.#instance?.waitUntilExit();
    }
  }

  readonly #onKeys = (keys: readonly Key[]): void => {
    for (const key of keys) this.#press(key);
    this.#drawSoon();
  };

  readonly #onPaste = (text: string): void => {
    const clean = sanitizePaste(text);
    const isAsked = this.#pasted !== undefined || clean.replace(/\n$/, "").includes("\n");
    // What is pasted while one is asked comes after the rest.
    if (isAsked) this.#pasted = (this.#pasted ?? "") + clean;
    else this.#edit({ insert: clean.replace(/\n$/, "") });
    this.#drawSoon();
  };

  #press(key: Key): void {
    if (this.#pasted !== undefined) return this.#answerPaste(key);
    const isSecond = this.#hint !== undefined;
    this.#hint = undefined;
    if (typeof key === "object") {
      if ("edit" in key) return this.#edit(key.edit);
      const conversation = this.#model.conversations[key.conversation - 1];
      if (conversation !== undefined) this.#go(conversation.shown);
      return;
    }
    switch (key) {
      case "submit":
        return this.#submit();
      case "interrupt":
        if (isSecond) return this.#ended.resolve();
        this.#input = withText(this.#input, "");
        this.#takenBack = undefined;
        this.#hint = "Ctrl+C again quits";
        return;
      case "end-of-input":
        if (this.#input.text === "") this.#ended.resolve();
        return;
      case "next":
        return this.#step(1);
      case "previous":
        return this.#step(-1);
      case "next-unread":
        return this.#goUnread();
      case "redraw":
        return this.#instance?.clear();
      case "suspend":
        return stopGroup();
      case "escape":
    }
  }

  #answerPaste(key: Key): void {
    const pasted = this.#pasted ?? "";
    if (key === "submit") {
      this.#pasted = undefined;
      this.#edit({ insert: pasted.replace(/\n+$/, "") });
    } else if (key === "escape" || key === "interrupt") this.#pasted = undefined;
  }

  #edit(key: Parameters<typeof edit>[1]): void {
    const model = this.#model;
    this.#input = edit(this.#input, key, completerOf(model), (text) =>
      writtenRows(model, text, this.#columns),
    );
    const here = find(this.#model, this.#model.current ?? "");
    const isMessage = typeof key === "object" && !this.#input.text.startsWith("/");
    if (!isMessage || here === undefined || Date.now() < this.#typedAt + TYPING_EVERY) return;
    this.#typedAt = Date.now();
    this.#session?.typing(here.shown);
  }

  #submit(): void {
    const line = this.#input.text;
    // Whoever presses Enter on nothing does not want to wait.
    if (line.trim() === "") return this.#session?.retry();
    const request = parseRequest(line);
    this.#typedAt = 0;
    // What can go nowhere stays where it was written.
    if (request.kind === "say" && this.#model.current === undefined) return this.#perform(request);
    // A password is not for ↑ to show.
    this.#input = line.startsWith("/register") ? withText(this.#input, "") : submit(this.#input);
    this.#perform(request);
  }

  #perform(request: Request): void {
    if (this.#session === undefined) return;
    const again = this.#takenBack;
    this.#takenBack = undefined;
    if (again !== undefined && request.kind === "say" && again.to === this.#model.current) {
      return this.#session.sendAgain(again.id, again.toShown, request.body);
    }
    void perform(request, {
      model: this.#model,
      session: this.#session,
      happen: this.happen,
      go: (to, isJoining) => this.#go(to, isJoining),
      takeBack: (refused) => this.#takeBack(refused),
      step: () => this.#step(1),
      quit: () => this.#ended.resolve(),
    });
  }

  /**
   * Whom a message is for is decided by what is pressed, when it is pressed: no answer, however late, takes
   * anybody from one conversation to another.
   */
  #go(to: string, isJoining = false): void {
    const { current } = this.#model;
    const { text } = this.#input;
    this.happen({ kind: "go", to, draft: text, isJoining });
    if (this.#model.current === current) return;
    const draft = find(this.#model, nameKey(to))?.draft ?? "";
    // Whoever was nowhere takes along what is written.
    const next = current === undefined ? draft + text : draft;
    if (next !== text) this.#input = withText(this.#input, next);
  }

  #takeBack(refused: Pending): void {
    // To several at once, by another program: there is no conversation in which it could be written.
    if (refused.to.includes(",")) {
      return this.#session?.sendAgain(refused.id, refused.toShown, refused.body);
    }
    this.#go(refused.toShown);
    const { text } = this.#input;
    this.#input = withText(this.#input, text === "" ? refused.body : `${refused.body}\n${text}`);
    this.#takenBack = refused;
  }

  #step(step: 1 | -1): void {
    const { conversations, current } = this.#model;
    const at = conversations.findIndex(({ key }) => key === current);
    const next = conversations.at((at + step) % Math.max(1, conversations.length));
    if (next !== undefined) this.#go(next.shown);
  }

  /** Whatever names its reader comes first. */
  #goUnread(): void {
    const { conversations, current } = this.#model;
    const unread = conversations.filter((one) => one.unread > 0 && one.key !== current);
    const next = unread.find((one) => one.isUrgent && !one.isMuted) ?? unread[0];
    if (next !== undefined) this.#go(next.shown);
  }

  /** Whoever is nowhere and writes nothing begins where something was last. */
  #begin(): void {
    if (this.#model.current === undefined && this.#input.text === "") this.#step(1);
  }

  #do(effect: Effect): void {
    switch (effect.kind) {
      case "fetch":
        void this.#session?.fetch(effect.with, effect.count);
        return;
      case "read":
        return this.#session?.markRead(effect.with, effect.seq);
      case "answer":
        return this.#session?.send(effect.to, effect.body);
      case "ring":
        this.#ring = formatRing(effect.text, this.#options.environment);
    }
  }

  /** Once a second, while something on the screen counts seconds. */
  #tick(): void {
    const { connection, typing } = this.#model;
    if (typing.size > 0) this.happen({ kind: "tick", now: Date.now() });
    if (connection.state === "reconnecting") this.#drawSoon();
  }

  #drawSoon(): void {
    if (this.#isDrawing || this.#instance === undefined) return;
    this.#isDrawing = true;
    setImmediate(() => {
      this.#isDrawing = false;
      this.#draw();
    });
  }

  /** The signal that tells of a new size may come after what is to be drawn for it. */
  #noticeSize(): void {
    const { stdout } = this.#options;
    const [columns, rows] = stdout.getWindowSize();
    if (columns === stdout.columns && rows === stdout.rows) return;
    [stdout.columns, stdout.rows] = [columns, rows];
    stdout.emit("resize");
  }

  #draw(): void {
    const { stdout } = this.#options;
    this.#noticeSize();
    const columns = stdout.columns || 80;
    this.#columns = columns;
    const printed = this.#lines.splice(0, MOST_LINES).flatMap((line) => formatLine(line, columns));
    if (this.#lines.length > 0) this.#drawSoon();
    if (printed.length > 0) this.#generation += 1;
    this.#screen = screenOf({
      model: this.#model,
      input: this.#input,
      pasted: this.#pasted,
      hint: this.#hint,
      now: Date.now(),
      columns,
      rows: stdout.rows || 24,
    });
    if (this.#ring !== "") stdout.write(this.#ring);
    this.#ring = "";
    const view = createElement(View, {
      screen: this.#screen,
      printed,
      generation: this.#generation,
      depth: this.#options.depth,
      onKeys: this.#onKeys,
      onPaste: this.#onPaste,
    });
    // Told to be interactive: where the variable CI is set, as in some shells, it would draw nothing.
    if (this.#instance === undefined) {
      stdout.write(beforeFirst(this.#options.environment, stdout.rows));
      const options = { exitOnCtrlC: false, interactive: true, maxFps: MOST_FRAMES };
      this.#instance = render(view, { stdout: erasing(stdout), ...options });
    } else this.#instance.rerender(view);
  }
}

/** Also that there is no connection: then nothing more is known at first than what waits. */
function tellsOfConversations(happened: Happening): boolean {
  if (happened.kind === "connection") return happened.connection.state === "reconnecting";
  return happened.kind === "conversations";
}
