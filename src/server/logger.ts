// The server's log of itself: structured, on stderr. (The log of messages is `src/log`.)

import { type DestinationStream, type Logger, pino } from "pino";
import { prettyFactory } from "pino-pretty";
import type { Report } from "../log/report.ts";
import type { ServerConfig } from "./options.ts";

export type { Logger } from "pino";

/** Logs to stderr, each line written before the call returns, so that no exit loses one. */
export function createLogger(config: Pick<ServerConfig, "logLevel" | "logFormat">): Logger {
  const { isTTY } = process.stderr;
  const pretty = config.logFormat === "auto" ? isTTY : config.logFormat === "pretty";
  return pino({ level: config.logLevel, base: null }, pretty ? prettyStderr() : plainStderr());
}

/** The world around is a line that an operator can act on; a mistake of ours has its stack. */
export function createReport(logger: Pick<Logger, "info" | "warn" | "error">): Report {
  return (stage, what, over) => {
    if (isOfTheSystem(what)) logger.error({ stage, code: what.code }, what.message);
    else if (what instanceof Error) logger.error({ stage, err: what }, what.message);
    else if (over === "over") logger.info({ stage }, what);
    else logger.warn({ stage }, what);
  };
}

/** EMFILE, EIO …: where we stood when it came says nothing. */
function isOfTheSystem(what: string | Error): what is NodeJS.ErrnoException {
  return what instanceof Error && "errno" in what && "syscall" in what;
}

function plainStderr(): DestinationStream {
  return { write: (line) => void process.stderr.write(line) };
}

function prettyStderr(): DestinationStream {
  const prettify = prettyFactory({
    colorize: process.stderr.isTTY && process.stderr.hasColors(),
    singleLine: true,
    translateTime: "SYS:yyyy-mm-dd HH:MM:ss.l",
  });
  return { write: (line) => void process.stderr.write(prettify(line)) };
}
