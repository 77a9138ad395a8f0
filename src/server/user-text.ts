// Accounts as `partyline user list` shows them.

import type { ToldAccount } from "../accounts/told.ts";

/** A line an account, and one for each of its tokens. */
export function formatAccounts(accounts: readonly ToldAccount[]): string {
  if (accounts.length === 0) return "no accounts; make one with: partyline user add NAME\n";
  return accounts.map(formatAccount).join("");
}

function formatAccount({ name, made, removed, tokens, sessions }: ToldAccount): string {
  const state = removed === undefined ? `since ${day(made)}` : `removed ${day(removed)}, retired`;
  const devices = sessions === 1 ? "1 session" : `${sessions} sessions`;
  const lines = tokens.map(
    (token) => `  token ${token.label}, made ${day(token.made)}, last used ${day(token.used)}\n`,
  );
  return `${name}, ${state}, ${devices}\n${lines.join("")}`;
}

function day(time: number): string {
  return new Date(time).toISOString().slice(0, 10);
}
