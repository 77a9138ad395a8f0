// A JSON client whose requests are answered one by one, and which says of each what came of it.

import assert from "node:assert/strict";
import { type Frame, JsonClient } from "./json-client.ts";
import type { Scope } from "./line-client.ts";

export class Asker {
  readonly client: JsonClient;
  readonly #scope: Scope;
  readonly #port: number;
  #asked = 0;

  private constructor(client: JsonClient, scope: Scope, port: number) {
    this.client = client;
    this.#scope = scope;
    this.#port = port;
  }

  static async logIn(scope: Scope, port: number, name: string): Promise<Asker> {
    const asker = new Asker(new JsonClient(name), scope, port);
    await asker.reconnect();
    return asker;
  }

  /** With a new connection: nothing that was said over the old one counts. */
  async reconnect(): Promise<void> {
    this.client.cut();
    this.client.connect(this.#scope, this.#port);
    await this.client.until(() => this.client.isWelcome, "welcome");
  }

  /** Everything that came up to the answer is in the client's frames. */
  async answer(request: object): Promise<Frame> {
    const id = ++this.#asked;
    this.client.frames = [];
    this.client.say({ ...request, id });
    const isAnswer = (frame: Frame): boolean =>
      Object.values(frame).some((answer) => (answer as { id?: number }).id === id);
    await this.client.until(() => this.client.frames.some(isAnswer), JSON.stringify(request));
    return this.client.frames.find(isAnswer) ?? assert.fail();
  }

  /** @returns `yes`, or the code of the refusal */
  async ask(request: object): Promise<string> {
    return (await this.answer(request)).error?.code ?? "yes";
  }

  async must(request: object): Promise<void> {
    const { name } = this.client;
    assert.equal(await this.ask(request), "yes", `${name} ${JSON.stringify(request)}`);
  }

  /** @returns `yes`, or the code of the refusal */
  async send(to: readonly string[], body = "hi"): Promise<string> {
    const { accepted, refused } = await this.#sent(to, body);
    return accepted === undefined ? (refused?.code ?? assert.fail()) : "yes";
  }

  /** @returns the seq */
  async mustSend(to: string, body: string): Promise<number> {
    const { accepted, refused } = await this.#sent([to], body);
    return accepted?.seqs[to] ?? assert.fail(refused?.code);
  }

  /** Whether it finds a message with this word in a conversation, everything up to a seq being searched. */
  async finds(word: string, other: string, seq: number): Promise<string> {
    for (;;) {
      const { search, error } = await this.answer({ search: word, with: other });
      if (error !== undefined) return error.code;
      if (search === undefined || search.complete < seq) continue;
      return search.messages.length > 0 ? "yes" : "nothing";
    }
  }

  /** Whether it can mark a conversation as read up to a seq. */
  async marks(other: string, seq: number): Promise<string> {
    this.client.say({ read: other, seq });
    // It is not answered, and is durable with what is sent after it.
    await this.mustSend(this.client.name, "read");
    const { conversations } = await this.answer({ conversations: true });
    const all = conversations?.conversations ?? [];
    return all.some((one) => one.with === other && one.read === seq) ? "yes" : "nothing";
  }

  /** Whether a witness is told that it is typing: a connection's typing is told once a second. */
  async types(to: string, witness: Asker): Promise<string> {
    await this.reconnect();
    this.client.say({ typing: to });
    // Asked of the log after what typing may ask of it, so it is told by then.
    await this.must({ conversations: true });
    const { frames } = witness.client;
    witness.client.say({ ping: "typing" });
    await witness.client.until(() => frames.some(({ pong }) => pong === "typing"), "pong");
    const { name } = this.client;
    return frames.some(({ typing }) => typing?.from === name) ? "yes" : "nothing";
  }

  /** Whether it is told that a witness is there. */
  async sees({ client: { name } }: Asker): Promise<string> {
    await this.must({ presence: true });
    const there = this.client.frames.flatMap(({ presence }) => presence?.names ?? []);
    return there.some((one) => one.name === name && one.online) ? "yes" : "nothing";
  }

  async #sent(to: readonly string[], body: string): Promise<Frame> {
    this.client.frames = [];
    this.client.send(to, body);
    await this.client.until(() => this.client.frames.some(isOutcome), "the send's outcome");
    return this.client.frames.find(isOutcome) ?? assert.fail();
  }
}

function isOutcome({ accepted, refused }: Frame): boolean {
  return accepted !== undefined || refused !== undefined;
}
