// `partyline user`: accounts and their tokens, on a running server or on a data folder that none has.

import { existsSync } from "node:fs";
import type { Command } from "commander";
import { Accounts } from "../../accounts/accounts.ts";
import { Broker } from "../../broker/broker.ts";
import { systemClock } from "../../broker/clock.ts";
import { databasePath } from "../../log/sqlite/database.ts";
import { openSqliteLog } from "../../log/sqlite/sqlite-log.ts";
import { ChatError } from "../../protocol/errors.ts";
import { CommandError } from "../command-error.ts";
import { addOptions, typedFlags } from "../command-options.ts";
import { loadConfig } from "../config.ts";
import { askServer, isNobodyThere } from "../control-client.ts";
import type { UserAnswer, UserRequest } from "../control-protocol.ts";
import { limitsOf } from "../limits.ts";
import type { ServerConfig } from "../options.ts";
import { readPassword } from "../password-prompt.ts";
import { explainFolderError } from "../start-error.ts";
import { formatAccounts } from "../user-text.ts";
import { manageUser } from "../users.ts";

type Flags = Record<string, string | boolean>;

export function addUser(program: Command): void {
  const user = program.command("user").description("manage accounts, whether a server runs or not");
  const add = (usage: string, help: string): Command => {
    const command = user.command(usage).description(help);
    return addOptions(command, ["data"]);
  };
  add("add <NAME>", "make an account; the password is asked for, or read from stdin")
    .option(
      "--take-over",
      "also of a name that was used: all that is stored under it is then its own",
    )
    .action(async (name: string, flags: Flags) => {
      const takeOver = flags["takeOver"] === true;
      await ask({ action: "add", name, password: await readPassword(name), takeOver }, flags);
      say(
        `${name} is an account${takeOver ? ", and what is stored under the name is its own" : ""}`,
      );
    });
  add(
    "passwd <NAME>",
    "give an account another password; its sessions, tokens and connections end",
  ).action(async (name: string, flags: Flags) => {
    await ask({ action: "passwd", name, password: await readPassword(name) }, flags);
    say(`${name} has another password`);
  });
  add("remove <NAME>", "remove an account; its connections end, and the name stays retired").action(
    async (name: string, flags: Flags) => {
      await ask({ action: "remove", name }, flags);
      say(`${name} is removed; "partyline user release ${name}" lets the name be used again`);
    },
  );
  add("release <NAME>", "let the name of a removed account be used again").action(
    async (name: string, flags: Flags) => {
      await ask({ action: "release", name }, flags);
      say(
        `${name} may be used again; whoever takes the name gets the messages, rooms and history that are stored under it`,
      );
    },
  );
  add("list", "list accounts, their tokens and sessions").action(async (flags: Flags) => {
    const { accounts = [] } = await ask({ action: "list" }, flags);
    process.stdout.write(formatAccounts(accounts));
  });
  add("token <NAME> <LABEL>", "make a token for a bot or a device, and print it")
    .option("--revoke", "revoke it instead; whoever is connected with it is cut off")
    .action(async (name: string, label: string, flags: Flags) => {
      const revoke = flags["revoke"] === true;
      const { secret } = await ask({ action: "token", name, label, revoke }, flags);
      say(secret ?? `${label} is revoked`);
    });
  add("invite", "print a code with which one account can be registered").action(
    async (flags: Flags) => say((await ask({ action: "invite" }, flags)).secret ?? ""),
  );
}

async function ask(request: Omit<UserRequest, "request">, flags: Flags): Promise<UserAnswer> {
  const { config } = loadConfig(typedFlags(flags), process.env, process.cwd());
  const whole = { request: "user", ...request } as const;
  try {
    const answer = await askServer(config.data, whole);
    if ("user" in answer) return answer.user;
  } catch (error) {
    if (isNobodyThere(error)) return askFolder(config, whole);
    throw error;
  }
  throw new CommandError("the server gave another answer: is it of another version?", 1);
}

/** What makes a data folder where there is none: accounts come before the first start, as people like it. */
const BEGINNING: ReadonlySet<UserRequest["action"]> = new Set(["add", "invite"]);

/** No server runs: the command has the data folder for a moment. */
async function askFolder(config: ServerConfig, request: UserRequest): Promise<UserAnswer> {
  const { data: folder } = config;
  if (!BEGINNING.has(request.action) && !existsSync(databasePath(folder))) {
    throw new CommandError(`there is no server's data in ${folder} (--data)`, 1);
  }
  const log = openLog(folder);
  // A full disk, for example: nobody waits here until there is room.
  const failed = Promise.withResolvers<never>();
  const report = (_stage: string, what: string | Error): void =>
    failed.reject(new CommandError(what instanceof Error ? what.message : what, 1));
  try {
    await log.opened;
    const broker = new Broker(log, systemClock, { limits: limitsOf(config), report });
    const accounts = new Accounts(broker, systemClock, config, await log.accounts());
    return await Promise.race([manageUser(accounts, request), failed.promise]);
  } catch (error) {
    if (error instanceof ChatError) throw new CommandError(error.message, 1);
    throw explainFolderError(folder, error);
  } finally {
    await log.close();
  }
}

function openLog(folder: string): ReturnType<typeof openSqliteLog> {
  try {
    return openSqliteLog({ folder, durability: "disk", search: false, report: () => {} });
  } catch (error) {
    throw explainFolderError(folder, error);
  }
}

function say(line: string): void {
  process.stdout.write(`${line}\n`);
}
