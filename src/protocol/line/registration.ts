// What follows `/register`, in the command and in the first line: a password, and perhaps an invitation.

import { ChatError } from "../errors.ts";

export interface Registration {
  readonly password: string;
  readonly invite?: string;
}

/** @throws ChatError `bad-password` when it has more words, so that nobody gets the first one alone */
export function parseRegistration(words: readonly string[]): Registration {
  const [password = "", invite, ...more] = words;
  if (more.length > 0) throw tooManyWords();
  return { password, ...(invite === undefined ? {} : { invite }) };
}

/** The words were meant as one password. */
export function tooManyWords(): ChatError {
  const text =
    "/register takes a password without spaces, and after it an invitation alone, where one is needed";
  return new ChatError("bad-password", text);
}
