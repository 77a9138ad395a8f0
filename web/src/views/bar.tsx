// The calm bar that says what the connection is doing, while it is not simply there.

import type { JSX } from "preact";
import { useEffect, useRef, useState } from "preact/hooks";
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
  const since = useSince(status);
  const w = words.value.state;
  useEffect(() => {
    if (status.kind === "connecting" || isQuiet) return;
    announce(partsOf(status, since, Infinity).join(". "));
  }, [status.kind, isQuiet]);
  if (status.kind === "online" || isQuiet) return null;
  const isClosed = status.kind === "closed";
  const parts = partsOf(status, since, now);
  return (
    <div class="bar" data-is-closed={isClosed}>
      <Icon name={isClosed ? "warning" : "clock"} />
      <span class="bar-text" title={parts.join(" · ")}>
        {parts.map((part) => (
          <span key={part}>{part}</span>
        ))}
      </span>
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

/** What is to be said, the most important first: as much is shown as there is room for. */
function partsOf(status: LineStatus, since: number | undefined, now: number): readonly string[] {
  const w = words.value.state;
  const gone = since === undefined ? w.gone : w.goneSince(formatTime(since));
  switch (status.kind) {
    case "online":
      return [w.online];
    case "offline":
      return [w.offline(formatTime(status.since)), w.kept];
    case "closed":
      return [w.closed(explain(status.trouble))];
    case "connecting":
      return status.why === undefined && since === undefined
        ? [w.connecting]
        : [gone, w.trying, w.kept];
    case "reconnecting": {
      const seconds = Math.ceil((status.at - now) / 1000);
      return [gone, seconds > 0 ? w.again(seconds) : w.trying, w.kept];
    }
  }
}

/** Since when there has been no connection, in ms since 1970, also while one is tried. */
function useSince(status: LineStatus): number | undefined {
  const since = useRef<number | undefined>(undefined);
  if (status.kind === "reconnecting" || status.kind === "offline") since.current = status.since;
  else if (status.kind === "online") since.current = undefined;
  return since.current;
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
