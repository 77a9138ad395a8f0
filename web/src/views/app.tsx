// What the page shows: the login, or the chat of who is logged in.

import type { JSX } from "preact";
import { useEffect } from "preact/hooks";
import type { Chat } from "../state/chat.ts";
import { announcement } from "../state/announcer.ts";
import { left, session } from "../state/session.ts";
import { words } from "../words/words.ts";
import { ChatContext } from "./context.ts";
import { LoginView } from "./login.tsx";
import { Shell } from "./shell.tsx";

export function App(): JSX.Element {
  const chat = session.value;
  return (
    <>
      {chat === undefined ? <LoginView /> : <ChatView chat={chat} />}
      <div class="unseen" role="status">
        {announcement}
      </div>
    </>
  );
}

function ChatView({ chat }: { readonly chat: Chat }): JSX.Element {
  const { value: status } = chat.status;
  const code = status.kind === "closed" ? status.trouble.code : undefined;
  useEffect(() => {
    if (code === "left") left();
  }, [code]);
  if (code === "elsewhere") return <Elsewhere chat={chat} />;
  return (
    <ChatContext.Provider value={chat}>
      <Shell />
    </ChatContext.Provider>
  );
}

function Elsewhere({ chat }: { readonly chat: Chat }): JSX.Element {
  const { title, text, here } = words.value.elsewhere;
  return (
    <main class="center">
      <div class="card">
        <h1>{title}</h1>
        <p>{text}</p>
        <button class="primary" onClick={() => chat.enter(undefined, true)}>
          {here}
        </button>
      </div>
    </main>
  );
}
