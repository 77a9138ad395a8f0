// What `partyline user` asks for, done: by the running server, or by the command itself when none runs.

import type { Accounts } from "../accounts/accounts.ts";
import { ChatError } from "../protocol/errors.ts";
import { type Name, parseName } from "../protocol/name.ts";
import type { UserAnswer, UserRequest } from "./control-protocol.ts";

/** @throws ChatError why it is refused */
export async function manageUser(accounts: Accounts, request: UserRequest): Promise<UserAnswer> {
  const { action, password = "", label = "", revoke = false, takeOver = false } = request;
  switch (action) {
    case "list":
      return { accounts: accounts.list() };
    case "invite":
      return { secret: await accounts.invite() };
    case "add":
      await accounts.add(nameOf(request), password, takeOver);
      return {};
    case "passwd":
      await accounts.setPassword(nameOf(request), password);
      return {};
    case "remove":
      await accounts.remove(nameOf(request));
      return {};
    case "release":
      await accounts.release(nameOf(request));
      return {};
    case "token": {
      const name = nameOf(request);
      if (!revoke) return { secret: await accounts.makeToken(name, label) };
      await accounts.revoke(name, label);
      return {};
    }
  }
}

function nameOf({ name }: UserRequest): Name {
  if (name === undefined) throw new ChatError("bad-name", "whose account?");
  return parseName(name);
}
