// `partyline serve`: runs the server until it is asked to stop.

import type { Command } from "commander";
import { addOptions, CONFIG_HELP, typedFlags } from "../command-options.ts";
import { loadConfig } from "../config.ts";
import { isLoopback } from "../../listen/addresses.ts";
import { formatAddress } from "../address.ts";
import { CommandError } from "../command-error.ts";
import { formatHints } from "../hints.ts";
import { createLogger, createReport, type Logger } from "../logger.ts";
import { connectionsWithin } from "../open-files.ts";
import type { ServerConfig } from "../options.ts";
import type { Server } from "../server.ts";
import { stopSignal } from "../stop-signals.ts";
import { VERSION } from "../version.ts";

export function addServe(program: Command): void {
  const command = program
    .command("serve")
    .description("run the server")
    .addHelpText("after", CONFIG_HELP)
    .action(async (flags: Record<string, string | boolean>) => {
      const { config } = loadConfig(typedFlags(flags), process.env, process.cwd());
      await serve(config);
    });
  addOptions(command);
}

async function serve(config: ServerConfig): Promise<void> {
  const logger = createLogger(config);
  endOnMistakes(logger);
  // From here on: a stop that is asked for while the log is opened waits until it is open.
  const stopped = stopSignal(process.env);
  // Loaded here, because the other commands need nothing of it.
  const { startServer } = await import("../server.ts");
  const server = await startServer(withinOpenFiles(config, logger), createReport(logger));
  if (server.reloadTls !== undefined) reloadAtSighup(server.reloadTls, logger);
  announce(server, config, logger);
  warnOfExposure(server, config, logger);
  const signal = await stopped;
  logger.info({ signal }, "stopping");
  await server.close();
  logger.info("stopped");
}

function withinOpenFiles(config: ServerConfig, logger: Logger): ServerConfig {
  const maxConnections = connectionsWithin(config.maxConnections);
  if (maxConnections < config.maxConnections) {
    logger.warn(
      { maxConnections, asked: config.maxConnections },
      "the system allows fewer open files than that many connections need: raise its limit (ulimit -n, LimitNOFILE) or lower --max-connections",
    );
  }
  return { ...config, maxConnections };
}

/** Only with TLS: without it SIGHUP ends the server, as it ends what runs in a terminal that is closed. */
function reloadAtSighup(reloadTls: () => void, logger: Logger): void {
  process.on("SIGHUP", () => {
    try {
      reloadTls();
      logger.info("the certificate was read again");
    } catch (error) {
      if (!(error instanceof CommandError)) throw error;
      logger.error({ stage: "tls" }, `${error.message}; the former ones stay`);
    }
  });
}

function announce(
  { addresses, metricsAddress }: Server,
  config: ServerConfig,
  logger: Logger,
): void {
  for (const address of addresses) {
    process.stdout.write(`listening on ${formatAddress(address)}\n`);
  }
  if (metricsAddress !== undefined) {
    process.stdout.write(`metrics on ${formatAddress(metricsAddress)}\n`);
  }
  const { data, durability, hints } = config;
  // Milliseconds since the process began.
  const startup = Math.round(performance.now());
  logger.info({ version: VERSION, data, durability, startup }, "ready");
  const [first] = addresses;
  if (hints && first !== undefined) process.stderr.write(formatHints(first));
}

/** Said once, loudly: what others than this machine's users can read, and what they can take. */
function warnOfExposure({ addresses }: Server, config: ServerConfig, logger: Logger): void {
  const reachable = addresses.filter(({ host }) => !isLoopback(host) && host !== "localhost");
  if (reachable.length === 0) return;
  const where = reachable.map(formatAddress).join(", ");
  if (config.tls === "off" || config.tlsCert === "") {
    logger.warn(
      `${where} can be reached from other machines without TLS: whoever is between can read and change everything (--tls-cert, --tls-key)`,
    );
  }
  if (config.openNames === "on") {
    logger.warn(
      `${where} can be reached from other machines, and open names are on: whoever takes a name reads what waits for it (--open-names loopback)`,
    );
  }
}

/** A mistake in the program: what is committed is safe on the disk, what is in memory cannot be trusted. */
function endOnMistakes(logger: Logger): void {
  process.on("uncaughtException", (error) => {
    logger.fatal({ err: error }, "a mistake in the program ends it");
    process.exit(1);
  });
}
