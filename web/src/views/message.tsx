// One message, one event, and one that is still in the outbox.

import type { JSX } from "preact";
import type { RefusedSend, Unsent } from "../../../src/client/index.ts";
import type { Conversation } from "../model/conversations.ts";
import type { Refusal } from "../line/shared-line.ts";
import { hueOf } from "../model/hue.ts";
import type { ShownEvent, ShownMessage } from "../model/timeline.ts";
import { prependDraft } from "../state/own.ts";
import { formatMoment, formatShortTime, formatTime, isolate, words } from "../words/words.ts";
import { Avatar } from "./avatar.tsx";
import { Body } from "./body.tsx";
import { useChat } from "./context.ts";
import { focusComposer, hasKeyboard } from "./composer.tsx";
import { explain } from "./explain.ts";
import { Icon } from "./icons.tsx";

interface RowProps {
  readonly from: string;
  readonly at: number;
  readonly body: string;
  /** It goes on under the head of the one before. */
  readonly isContinued: boolean;
  readonly id: string;
  readonly seq?: number;
  readonly isFound?: boolean;
  readonly state: JSX.Element | null;
  readonly children?: JSX.Element;
}

function Row(props: RowProps): JSX.Element {
  const { from, at, body, isContinued, id, seq, isFound = false, state, children } = props;
  const me = useChat().me.value;
  const time = (
    <time dateTime={new Date(at).toISOString()} title={formatMoment(at)}>
      {isContinued ? formatShortTime(at) : formatTime(at)}
    </time>
  );
  return (
    <li
      class="message"
      data-key={id}
      data-seq={seq}
      data-is-continued={isContinued}
      data-is-found={isFound}
    >
      {isContinued ? <span class="gutter">{time}</span> : <Avatar name={from} />}
      <div class="message-text">
        <div class={isContinued ? "unseen" : "head"}>
          <span class="from" style={{ "--hue": hueOf(from) }} dir="auto">
            {from}
          </span>
          {!isContinued && time}
        </div>
        <div class="line">
          <Body body={body} me={me} />
          {state}
        </div>
        {children}
      </div>
    </li>
  );
}

interface MessageProps {
  readonly item: ShownMessage;
  readonly isContinued: boolean;
  readonly isFound: boolean;
}

export function MessageView({ item, isContinued, isFound }: MessageProps): JSX.Element {
  const { key, seq, from, at, body, isOwn } = item;
  return (
    <Row
      id={key}
      seq={seq}
      from={from}
      at={at}
      body={body}
      isContinued={isContinued}
      isFound={isFound}
      state={isOwn ? <Sent /> : null}
    />
  );
}

function Sent(): JSX.Element {
  const { sent, sentHint } = words.value.delivery;
  return (
    <span class="state sent" title={sentHint}>
      <Icon name="check" />
      <span class="unseen">{sent}</span>
    </span>
  );
}

interface PendingProps {
  readonly here: Conversation;
  readonly isContinued: boolean;
}

export function UnsentView(props: PendingProps & { readonly send: Unsent }): JSX.Element {
  const { send, here, isContinued } = props;
  const chat = useChat();
  const w = words.value.delivery;
  const isStuck = chat.status.value.kind !== "online";
  return (
    <Row
      id={`s${send.id}`}
      from={chat.me.value}
      at={send.at}
      body={send.body}
      isContinued={isContinued}
      state={
        <span class="state waiting" title={w.waitingHint}>
          <Icon name="clock" /> {w.waiting}
        </span>
      }
    >
      {isStuck && !send.isTransmitted ? <Choices here={here} id={send.id} /> : <></>}
    </Row>
  );
}

export function RefusedView(props: PendingProps & { readonly send: RefusedSend }): JSX.Element {
  const { send, here, isContinued } = props;
  const chat = useChat();
  return (
    <Row
      id={`s${send.id}`}
      from={chat.me.value}
      at={send.at}
      body={send.body}
      isContinued={isContinued}
      state={null}
    >
      <div class="refused">
        <Icon name="warning" />
        <span>{words.value.delivery.refused(explain(send))}</span>
        <Choices here={here} id={send.id} isRefused />
      </div>
    </Row>
  );
}

interface ChoicesProps {
  readonly here: Conversation;
  readonly id: number;
  readonly isRefused?: boolean;
}

/** What can be done with what is not on the server. */
function Choices({ here, id, isRefused = false }: ChoicesProps): JSX.Element {
  const chat = useChat();
  const w = words.value.delivery;
  const take = async (use?: (body: string) => void, isEdited = false): Promise<void> => {
    try {
      await chat.takeBack(id, use);
      // On a phone the keyboard comes up with it.
      if (isEdited || hasKeyboard) focusComposer();
    } catch (trouble) {
      chat.trouble.value = trouble as Refusal;
    }
  };
  return (
    <span class="choices">
      <button class="plain" onClick={() => void take((body) => prependDraft(here.key, body), true)}>
        {w.edit}
      </button>
      {isRefused && (
        <button class="plain" onClick={() => void take((body) => chat.send(here, body))}>
          {w.retry}
        </button>
      )}
      <button class="plain" onClick={() => void take()}>
        {w.discard}
      </button>
    </span>
  );
}

export function EventView({ item }: { readonly item: ShownEvent }): JSX.Element {
  const { key, seq, at } = item;
  return (
    <li class="event" data-key={key} data-seq={seq}>
      <span>{eventText(item)}</span>{" "}
      <time dateTime={new Date(at).toISOString()} title={formatMoment(at)}>
        {formatTime(at)}
      </time>
    </li>
  );
}

function eventText({ kind, name, by, text }: ShownEvent): string {
  const w = words.value.timeline;
  const who = isolate(name);
  switch (kind) {
    case "join":
      return w.joined(who);
    case "leave":
      return w.left(who);
    case "kick":
      return w.kicked(who, isolate(by ?? "?"), text === "" ? "" : isolate(text));
    case "topic":
      return w.topic(who, text === "" ? "" : isolate(text));
  }
}
