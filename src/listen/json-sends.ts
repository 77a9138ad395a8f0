// What a connection that speaks JSON sends, on its way to the peer: consecutive sends to the same
// recipients go on as one. That is where its speed comes from.

import { checkBody, SEPARATOR } from "../protocol/bodies.ts";
import { ChatError } from "../protocol/errors.ts";
import type { SendFrame } from "../protocol/json/frames.ts";
import type { SendRun } from "../protocol/json/parse.ts";
import type { Name } from "../protocol/name.ts";
import { parseRecipient } from "../protocol/room.ts";

/** Sends that go on as one, in characters: as much as the line protocol takes together. */
export const TOGETHER = 12 * 1024;

/** Takes sends: a peer does. */
export interface SendTaker {
  /** @param refusal why it goes nowhere: then it uses its number up */
  sendNumbered(
    number: number,
    to: readonly Name[],
    bodies: string,
    count: number,
    refusal?: ChatError,
  ): void;
}

interface Together {
  readonly number: number;
  readonly list: readonly string[];
  readonly to: readonly Name[];
  bodies: string;
  count: number;
}

export class JsonSends {
  readonly #taker: SendTaker;
  readonly #maxRecipients: number;
  #together: Together | undefined;
  /** The recipients of the last send, as they were written and as names. */
  #list: readonly string[] = [];
  #to: readonly Name[] = [];

  /** @param maxRecipients of one message: `too-many-recipients` */
  constructor(taker: SendTaker, maxRecipients: number) {
    this.#taker = taker;
    this.#maxRecipients = maxRecipients;
  }

  /** @throws Error only what nobody expects */
  send({ send, to, body }: SendFrame): void {
    const refusal = this.#refusalOf(to, body);
    if (refusal === undefined) this.#add(send, to, body, 1);
    else this.refuse(send, refusal);
  }

  /** One that goes nowhere. Its number is used up all the same. */
  refuse(number: number, refusal: ChatError): void {
    this.flush();
    this.#taker.sendNumbered(number, [], "", 1, refusal);
  }

  /** @returns false when its recipients have to be looked at: they are not those of the last send */
  sendRun({ number, to, bodies, count }: SendRun): boolean {
    if (to !== this.#list || this.#to.length === 0) return false;
    this.#add(number, to, bodies, count);
    return true;
  }

  /** What was collected goes on: before anything else is done, and at the end of the turn. */
  flush(): void {
    const together = this.#together;
    if (together === undefined) return;
    this.#together = undefined;
    const { number, to, bodies, count } = together;
    this.#taker.sendNumbered(number, to, bodies, count);
  }

  #add(number: number, list: readonly string[], bodies: string, count: number): void {
    const together = this.#together;
    const isNext = together?.list === list && number === together.number + together.count;
    if (together !== undefined && isNext && together.bodies.length < TOGETHER) {
      together.bodies += SEPARATOR + bodies;
      together.count += count;
      return;
    }
    this.flush();
    this.#together = { number, list, to: this.#to, bodies, count };
    process.nextTick(() => this.flush());
  }

  #refusalOf(list: readonly string[], body: string): ChatError | undefined {
    try {
      checkBody(body);
      // The parser gives the same list again for what is written in the same way.
      if (list === this.#list && this.#to.length > 0) return undefined;
      this.#to = parseNames(list, this.#maxRecipients);
      this.#list = list;
      return undefined;
    } catch (error) {
      if (error instanceof ChatError) return error;
      throw error;
    }
  }
}

/** @throws ChatError `bad-name`, `bad-room`, `no-recipient`, `too-many-recipients` */
function parseNames(list: readonly string[], most: number): readonly Name[] {
  const names = new Map<string, Name>();
  for (const entry of list) {
    const name = parseRecipient(entry.trim());
    if (!names.has(name.key)) names.set(name.key, name);
    if (names.size > most) {
      throw new ChatError("too-many-recipients", `a message goes to at most ${most} recipients`);
    }
  }
  if (names.size === 0) throw new ChatError("no-recipient", '"to" names nobody');
  return [...names.values()];
}
