// The chat that all views below the shell show.

import { createContext } from "preact";
import { useContext } from "preact/hooks";
import type { Chat } from "../state/chat.ts";

export const ChatContext = createContext<Chat | undefined>(undefined);

export function useChat(): Chat {
  const chat = useContext(ChatContext);
  if (chat === undefined) throw new Error("there is no chat here");
  return chat;
}
