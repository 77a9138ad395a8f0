// What is said to the person beside the messages: answers to commands, refusals, invitations.

import type { ComponentChildren, JSX } from "preact";
import { useEffect, useLayoutEffect } from "preact/hooks";
import { announce } from "../state/announcer.ts";
import type { Chat } from "../state/chat.ts";
import { isolate, words } from "../words/words.ts";
import { useChat } from "./context.ts";
import { explain } from "./explain.ts";
import { Icon } from "./icons.tsx";

export function Notices(): JSX.Element {
  const chat = useChat();
  const w = words.value.composer;
  const { value: notice } = chat.notice;
  const { value: trouble } = chat.trouble;
  const { value: invitation } = chat.invitation;
  const invited = invitation && w.invited(isolate(invitation.by), isolate(invitation.room));
  const join = (): void => {
    if (invitation === undefined) return;
    chat.invitation.value = undefined;
    chat.join(invitation.room).catch((refusal) => (chat.trouble.value = refusal));
  };
  return (
    <>
      {trouble !== undefined && (
        <Notice text={explain(trouble)} isWrong close={() => (chat.trouble.value = undefined)} />
      )}
      {notice !== "" && <Notice text={notice} close={() => (chat.notice.value = "")} />}
      {invited !== undefined && (
        <Notice text={invited} close={() => (chat.invitation.value = undefined)}>
          <button class="plain" onClick={join}>
            {w.join}
          </button>
        </Notice>
      )}
    </>
  );
}

/** What was said of one conversation is not said beside the next. */
export function useOwnNotices(chat: Chat, place: string): void {
  useLayoutEffect(() => {
    chat.notice.value = "";
    chat.trouble.value = undefined;
  }, [chat, place]);
}

interface Props {
  readonly text: string;
  readonly isWrong?: boolean;
  readonly close: () => void;
  readonly children?: ComponentChildren;
}

function Notice({ text, isWrong = false, close, children }: Props): JSX.Element {
  useEffect(() => announce(text), [text]);
  return (
    <div class="notice" data-is-wrong={isWrong}>
      <span dir="auto">{text}</span>
      {children}
      <button class="round" aria-label={words.value.close} onClick={close}>
        <Icon name="close" />
      </button>
    </div>
  );
}
