// The calm bar that says what the connection is doing, while it is not simply there.

import type { JSX } from "preact";
import { useEffect, useState } from "preact/hooks";
import type { LineStatus } from "../line/messages.ts";
import { announce } from "../state/announcer.ts";
import { logInAgain } from "../state/session.ts";
import { formatTime, words } from "../words/words.ts";
import { useChat } from "./context.ts";
import { explain } from "./explain.ts";
import { Icon } from "./icons.tsx";

/** A connection that is back before that was never gone for who looks, in ms. */
const CALM = 1_500;

export function Bar(): JSX.Element | null {
  const chat = useChat();
  const { value: status } = chat.status;
  const isQuiet = useCalm(status);
  const now = useSeconds(status.kind === "reconnecting");
  const w = words.value.state;
  useEffect(() => {
    if (status.kind === "connecting" || isQuiet) return;
    announce(textOf(status, status.kind === "reconnecting" ? status.at : 0));
  }, [status.kind, isQuiet]);
  if (status.kind === "online" || isQuiet) return null;
  const isClosed = status.kind === "closed";
  return (
    <div class="bar" data-is-closed={isClosed}>
      <Icon name={isClosed ? "warning" : "clock"} />
      <span>{textOf(status, now)}</span>
      {status.kind === "reconnecting" && (
        <button class="plain" onClick={() => chat.line.say({ kind: "retry" })}>
          {w.retry}
        </button>
      )}
      {isClosed && (
        <button class="plain" onClick={logInAgain}>
          {w.logIn}
        </button>
      )}
    </div>
  );
}

function textOf(status: LineStatus, now: number): string {
  const w = words.value.state;
  switch (status.kind) {
    case "online":
      return w.online;
    case "offline":
      return w.offline(formatTime(status.since));
    case "closed":
      return w.closed(explain(status.trouble));
    case "connecting":
      return status.why === undefined ? w.connecting : w.trying();
    case "reconnecting": {
      const seconds = Math.ceil((status.at - now) / 1000);
      const since = formatTime(status.since);
      return seconds <= 0 ? w.trying(since) : w.reconnecting(since, seconds);
    }
  }
}

/** Whether it has been gone for a moment only. */
function useCalm(status: LineStatus): boolean {
  const isGone = status.kind !== "online";
  const [isLong, setLong] = useState(false);
  useEffect(() => {
    if (!isGone) return setLong(false);
    const timer = setTimeout(() => setLong(true), CALM);
    return () => clearTimeout(timer);
  }, [isGone]);
  return isGone && !isLong && status.kind !== "closed";
}

/** Now, in ms since 1970, each second. */
function useSeconds(isCounting: boolean): number {
  const [now, setNow] = useState(Date.now());
  useEffect(() => {
    if (!isCounting) return;
    setNow(Date.now());
    const timer = setInterval(() => setNow(Date.now()), 1000);
    return () => clearInterval(timer);
  }, [isCounting]);
  return now;
}
