// What the line protocol answers to commands: looked up or decided, and put into words.

import type { Accounts } from "../accounts/accounts.ts";
import type { Origin } from "../accounts/admission.ts";
import type { Broker } from "../broker/broker.ts";
import type { Peer } from "../broker/peer.ts";
import { ChatError } from "../protocol/errors.ts";
import { HELP, type LineCommand } from "../protocol/line/command.ts";
import { formatAnswer, formatFound, formatHistory } from "../protocol/line/format.ts";
import {
  describeDone,
  describeMember,
  describeRoom,
  describeTopic,
} from "../protocol/line/room-answers.ts";
import { tooManyWords } from "../protocol/line/registration.ts";

/** Who answers, and to where. */
export interface LineAnswering {
  readonly broker: Broker;
  readonly accounts: Accounts;
  readonly origin: Origin;
}

/** Messages that `/search` gives. */
const SEARCH_MOST = 20;

/** Commands that are answered. */
export type LineQuestion = Exclude<LineCommand, { kind: "send" | "quit" | "refused" }>;

/**
 * @returns the whole answer, each line with its end
 * @throws ChatError why it is refused
 */
export async function answerLine(
  question: LineQuestion,
  peer: Peer,
  answering: LineAnswering,
): Promise<string> {
  if (question.kind === "history") return answerHistory(question, peer);
  if (question.kind === "search") return answerSearch(question.words, peer);
  const lines = await answerIn(question, peer, answering);
  return lines.map(formatAnswer).join("");
}

async function answerIn(
  question: Exclude<LineQuestion, { kind: "history" | "search" }>,
  peer: Peer,
  { broker, accounts, origin }: LineAnswering,
): Promise<readonly string[]> {
  switch (question.kind) {
    case "help":
      return HELP;
    case "who":
      return broker.who();
    case "members": {
      const members = await peer.members(question.room);
      return members.map(({ name, standing }) => describeMember(name, standing));
    }
    case "rooms":
      return (await peer.rooms()).map(describeRoom);
    case "register": {
      if (!origin.isSecure && !origin.isLoopback) {
        throw new ChatError("tls-required", "a password is taken over TLS only");
      }
      checkInvite(question.invite, accounts);
      await accounts.register(peer, question.password, question.invite, origin);
      return [`your name is an account now: log in with ${peer.name.shown}:PASSWORD`];
    }
    case "block": {
      const { name, on } = question;
      if (name === undefined) return peer.blocked();
      await peer.block(name, on);
      const now = on ? "no longer take" : "take";
      return [`you ${now} direct messages from ${name.shown}`];
    }
    case "topic": {
      const { room, topic } = await peer.room(question.room);
      return [describeTopic(room, topic)];
    }
    case "ask": {
      const { kind: _, ...request } = question;
      const { room } = await peer.ask(request);
      if (request.action === "join") return [describeRoom(await peer.room(request.room))];
      return [describeDone(request.action, room, request.name?.shown, request.text)];
    }
  }
}

/**
 * Where nobody needs an invitation the word after a password is none.
 * @throws ChatError `bad-password`
 */
export function checkInvite(invite: string | undefined, { registration }: Accounts): void {
  if (invite !== undefined && registration === "open") throw tooManyWords();
}

async function answerSearch(words: string, peer: Peer): Promise<string> {
  const query = { words, below: Number.MAX_SAFE_INTEGER, count: SEARCH_MOST };
  const { messages } = await peer.search(query);
  return messages
    .toReversed()
    .map(({ from, to, at, bodies }) => formatFound(from, to, at, bodies))
    .join("");
}

async function answerHistory(
  { other, count }: Extract<LineQuestion, { kind: "history" }>,
  peer: Peer,
): Promise<string> {
  const { deliveries } = await peer.history(other, { count });
  return deliveries
    .map((delivery) =>
      "kind" in delivery ? "" : formatHistory(delivery.from, delivery.at, delivery.bodies),
    )
    .join("");
}
