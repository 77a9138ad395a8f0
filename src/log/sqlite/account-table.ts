// The accounts that the store works with: it decides about changes of them, and knows which names are
// accounts. Everything is small and rarely changed, so all that is asked often is kept in memory.

import type { DatabaseSync, StatementSync } from "node:sqlite";
import {
  type AccountChange,
  type AccountRefusal,
  type AllAccounts,
  MOST_SESSIONS,
} from "../accounts.ts";
import type { NameTable } from "./name-table.ts";

/** Tokens with a label that one name has. */
const MOST_TOKENS = 100;

/** How a name stands: an account, one that was removed, or neither. */
type Status = "active" | "retired" | undefined;

export class AccountTable {
  readonly #names: NameTable;
  readonly #status = new Map<number, Status>();
  readonly #makeAccount: StatementSync;
  readonly #setPassword: StatementSync;
  readonly #remove: StatementSync;
  readonly #release: StatementSync;
  readonly #removeTokens: StatementSync;
  readonly #addToken: StatementSync;
  readonly #countTokens: StatementSync;
  readonly #dropOldest: StatementSync;
  readonly #revoke: StatementSync;
  readonly #end: StatementSync;
  readonly #used: StatementSync;
  readonly #addInvite: StatementSync;
  readonly #useInvite: StatementSync;
  readonly #expire: StatementSync;
  readonly #count: StatementSync;
  #batches: number;

  constructor(database: DatabaseSync, names: NameTable) {
    this.#names = names;
    const rows = database.prepare("SELECT name, removed FROM accounts").all();
    for (const { name, removed } of rows as unknown as { name: number; removed: number | null }[]) {
      this.#status.set(name, removed === null ? "active" : "retired");
    }
    this.#makeAccount = database.prepare(
      "INSERT INTO accounts (name, password, made) VALUES (?, ?, ?)",
    );
    this.#setPassword = database.prepare(
      "UPDATE accounts SET password = ?1 WHERE name = ?2 AND password = ifnull(?3, password)",
    );
    this.#remove = database.prepare(
      "UPDATE accounts SET password = '', removed = ? WHERE name = ?",
    );
    this.#release = database.prepare("DELETE FROM accounts WHERE name = ?");
    this.#removeTokens = database.prepare("DELETE FROM tokens WHERE name = ?");
    this.#addToken = database.prepare(
      "INSERT INTO tokens (hash, name, label, session, made, used) VALUES (?, ?, ?, ?, ?, ?)",
    );
    this.#countTokens = database.prepare(
      "SELECT count(*) AS n FROM tokens WHERE name = ? AND session = 0",
    );
    this.#dropOldest = database.prepare(
      `DELETE FROM tokens WHERE hash IN (SELECT hash FROM tokens WHERE name = ? AND session = 1
         ORDER BY used DESC, hash LIMIT -1 OFFSET ${MOST_SESSIONS - 1})`,
    );
    this.#revoke = database.prepare(
      "DELETE FROM tokens WHERE name = ? AND label = ? AND session = 0",
    );
    this.#end = database.prepare("DELETE FROM tokens WHERE hash = ? AND session = 1");
    this.#used = database.prepare("UPDATE tokens SET used = ? WHERE hash = ?");
    this.#addInvite = database.prepare("INSERT OR IGNORE INTO invites (hash, made) VALUES (?, ?)");
    this.#useInvite = database.prepare("DELETE FROM invites WHERE hash = ?");
    this.#expire = database.prepare("DELETE FROM tokens WHERE session = 1 AND used < ?");
    this.#count = database.prepare("UPDATE log SET account_batches = ?");
    const row = database.prepare("SELECT account_batches AS batches FROM log").get();
    this.#batches = (row as { batches: number }).batches;
  }

  /**
   * Batches that have changed accounts so far. Applied twice such a change is another one, or refused, and
   * nothing else of it may show in the file: this tells whether a batch is in it.
   */
  get batches(): number {
    return this.#batches;
  }

  /** How a name stands, by its id. */
  status(name: number): Status {
    return this.#status.get(name);
  }

  /** Does what it can of a batch's changes, and says why not the others. */
  apply(changes: readonly AccountChange[]): AccountRefusal[] {
    if (changes.length === 0) return [];
    this.#batches += 1;
    this.#count.run(this.#batches);
    return changes.map((change) => this.#change(change));
  }

  #change(change: AccountChange): AccountRefusal {
    switch (change.kind) {
      case "make":
        return this.#make(change);
      case "password":
        return this.#replacePassword(change);
      case "remove": {
        const id = this.#names.find(change.name.key)?.id;
        if (id === undefined || this.#status.get(id) !== "active")
          return noAccount(change.name.shown);
        this.#remove.run(change.at, id);
        this.#removeTokens.run(id);
        this.#status.set(id, "retired");
        return undefined;
      }
      case "release": {
        const known = this.#names.find(change.name.key);
        if (known === undefined || this.#status.get(known.id) !== "retired")
          return noAccount(change.name.shown);
        this.#release.run(known.id);
        this.#status.delete(known.id);
        this.#names.release(known);
        return undefined;
      }
      case "token":
        return this.#setToken(change);
      case "revoke": {
        const id = this.#names.find(change.name.key)?.id ?? -1;
        const { changes } = this.#revoke.run(id, change.label);
        if (Number(changes) > 0) return undefined;
        return { code: "no-such-token", text: `there is no token "${change.label}"` };
      }
      case "end":
        this.#end.run(change.hash);
        return undefined;
      case "used":
        this.#used.run(change.at, change.hash);
        return undefined;
      case "invite":
        this.#addInvite.run(change.hash, change.at);
        return undefined;
      case "expire":
        this.#expire.run(change.before);
        return undefined;
    }
  }

  #make(change: Extract<AccountChange, { kind: "make" }>): AccountRefusal {
    const { name, password, mayTakeOver, invite, at } = change;
    const known = this.#names.find(name.key);
    const status = known && this.#status.get(known.id);
    if (status === "retired") {
      const text = `"${name.shown}" was removed, and stays unused until the operator releases it`;
      return { code: "name-retired", text };
    }
    if (status === "active") {
      return { code: "already-registered", text: `"${name.shown}" is an account already` };
    }
    // Who was only blocked, invited or banned by others has nothing here.
    const isUsed = known !== undefined && (known.seen || known.waitingMessages > 0);
    if (isUsed && !mayTakeOver) {
      const text = `"${name.shown}" was used before: whoever is connected under it may register it, or the operator gives the account all that is stored under the name (partyline user add ${name.shown} --take-over)`;
      return { code: "name-used", text };
    }
    if (invite !== undefined && Number(this.#useInvite.run(invite).changes) === 0) {
      return { code: "bad-invite", text: "that invitation is not known, or was used" };
    }
    const { id } = this.#names.login(name, at);
    this.#makeAccount.run(id, password, at);
    this.#status.set(id, "active");
    return undefined;
  }

  #replacePassword({
    name,
    password,
    old,
  }: Extract<AccountChange, { kind: "password" }>): AccountRefusal {
    const id = this.#names.find(name.key)?.id;
    if (id === undefined || this.#status.get(id) !== "active") return noAccount(name.shown);
    if (Number(this.#setPassword.run(password, id, old ?? null).changes) === 0) {
      return { code: "wrong-password", text: `"${name.shown}" has another password by now` };
    }
    this.#removeTokens.run(id);
    return undefined;
  }

  #setToken({
    name,
    label,
    hash,
    isSession,
    at,
  }: Extract<AccountChange, { kind: "token" }>): AccountRefusal {
    const id = this.#names.find(name.key)?.id;
    if (id === undefined || this.#status.get(id) !== "active") return noAccount(name.shown);
    if (isSession) this.#dropOldest.run(id);
    else {
      this.#revoke.run(id, label);
      if ((this.#countTokens.get(id) as { n: number }).n >= MOST_TOKENS) {
        return {
          code: "too-many-tokens",
          text: `there are ${MOST_TOKENS} tokens already: revoke one`,
        };
      }
    }
    this.#addToken.run(hash, id, label, isSession ? 1 : 0, at, at);
    return undefined;
  }
}

/** Everything, for whoever checks passwords and tokens. */
export function readAccounts(database: DatabaseSync): AllAccounts {
  const accounts = database.prepare(
    "SELECT key, shown, password, made, accounts.removed FROM accounts JOIN names ON names.id = name",
  );
  const tokens = database.prepare(
    `SELECT key, label, hash, session, made, used FROM tokens JOIN names ON names.id = name`,
  );
  const invites = database.prepare("SELECT hash FROM invites");
  return {
    accounts: (accounts.all() as unknown as AccountRow[]).map(({ removed, ...row }) => ({
      ...row,
      ...(removed === null ? {} : { removed }),
    })),
    tokens: (tokens.all() as unknown as TokenRow[]).map(({ session, ...row }) => ({
      ...row,
      isSession: session === 1,
    })),
    invites: (invites.all() as unknown as { hash: string }[]).map(({ hash }) => hash),
  };
}

interface AccountRow {
  readonly key: string;
  readonly shown: string;
  readonly password: string;
  readonly made: number;
  readonly removed: number | null;
}

interface TokenRow {
  readonly key: string;
  readonly label: string;
  readonly hash: string;
  readonly session: number;
  readonly made: number;
  readonly used: number;
}

function noAccount(shown: string): AccountRefusal {
  return { code: "no-such-account", text: `there is no account "${shown}"` };
}
