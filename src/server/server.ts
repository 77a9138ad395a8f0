// The one place where everything is put together: log, broker, port and control socket, begun in
// this order and ended in the opposite one.

import { Accounts } from "../accounts/accounts.ts";
import { Broker } from "../broker/broker.ts";
import { systemClock } from "../broker/clock.ts";
import type { HttpPages } from "../listen/http.ts";
import { JsonConnection } from "../listen/json-connection.ts";
import { ListenFigures } from "../listen/listen-figures.ts";
import { Listener } from "../listen/listener.ts";
import { Pings } from "../listen/pings.ts";
import { openSidePort, type SidePort } from "../listen/side-port.ts";
import type { Report } from "../log/report.ts";
import { openSqliteLog, type OpenedLog } from "../log/sqlite/sqlite-log.ts";
import { type Address, formatAddress } from "./address.ts";
import { Backups } from "./backups.ts";
import { countCommits } from "./commit-figures.ts";
import { CommandError } from "./command-error.ts";
import { openControl } from "./control.ts";
import type { ServerStatus } from "./control-protocol.ts";
import { controlSocketPath } from "./control-socket.ts";
import { Health } from "./health.ts";
import { limitsOf } from "./limits.ts";
import type { ServerConfig } from "./options.ts";
import { createPages } from "./pages.ts";
import { createWebClient } from "./web-client.ts";
import { startOutboxExpiry } from "./outbox-expiry.ts";
import { startRetention } from "./retention-timer.ts";
import { drain } from "./shutdown.ts";
import { explainControlError, explainFolderError, explainListenError } from "./start-error.ts";
import { startSessionExpiry } from "./session-expiry.ts";
import { readTlsFiles } from "./tls-files.ts";
import { manageUser } from "./users.ts";
import { VERSION } from "./version.ts";
import { limitYoungGeneration } from "./young-generation.ts";

export interface Server {
  /** With the ports that the system picked, in the order of the configuration. */
  readonly addresses: readonly Address[];
  /** Where metrics and health are, when they have an address of their own. */
  readonly metricsAddress: Address | undefined;
  /**
   * Reads the certificate and its key again. Undefined without TLS.
   * @throws CommandError when they cannot be used; then the old ones stay
   */
  readonly reloadTls: (() => void) | undefined;
  /**
   * Shuts down in order: what is on its way is committed and written, then everything is closed.
   * @throws CommandError when the last batch could not be committed
   */
  close(): Promise<void>;
}

/** @throws CommandError when it cannot start; then nothing is left running, and nothing changed */
export async function startServer(config: ServerConfig, report: Report): Promise<Server> {
  await using started = new AsyncDisposableStack();
  const credentials = readTlsFiles(config);
  // Health is told before there is anything else to tell.
  const health = new Health();
  const told = createPages(health);
  const web = createWebClient();
  const side = await openMetricsPort(config, told, report);
  if (side !== undefined) started.defer(() => side.close());
  const log = openLog(config, report);
  started.defer(() => log.close());
  const commits = countCommits(log);
  const broker = new Broker(log, systemClock, { limits: limitsOf(config), report });
  started.defer(limitYoungGeneration(() => broker.sending));
  const figures = new ListenFigures();
  await log.opened.catch((error: unknown) => {
    throw explainFolderError(config.data, error);
  });
  const accounts = new Accounts(broker, systemClock, config, await log.accounts());
  started.defer(() => accounts.close());
  const pings = new Pings(systemClock);
  const json = { broker, accounts, clock: systemClock, options: config, report, figures, pings };
  const listener = new Listener(config, {
    broker,
    accounts,
    clock: systemClock,
    report,
    figures,
    pages: side === undefined ? new Map([...told, ...web]) : web,
    json: (frames, client, loginBy) => new JsonConnection(frames, client, loginBy, json),
    credentials,
  });
  const addresses: Address[] = [];
  const startedAt = performance.now();
  health.watch(broker, {
    commits,
    listen: figures,
    open: () => listener.open(),
    status: () => log.status(),
    isAvailable: () => broker.unavailable === undefined,
  });

  const status = async (): Promise<ServerStatus> => ({
    version: VERSION,
    pid: process.pid,
    uptime: Math.round(performance.now() - startedAt),
    addresses: addresses.map(formatAddress),
    log: await log.status(),
    unavailable: broker.unavailable ?? null,
    connections: listener.connections,
    connected: broker.who(),
  });
  const backups = new Backups(log);
  started.defer(() => backups.abandon());
  const control = await openControl(controlSocketPath(config.data), {
    status,
    backup: (file, progress) => backups.write(file, progress),
    user: (request) => manageUser(accounts, request),
  }).catch((error: unknown) => {
    throw explainControlError(config.data, error);
  });
  started.defer(() => control.close());

  started.defer(() => drain(listener, broker, config.shutdownTime, report));
  for (const address of config.listen) addresses.push(await listen(listener, address));
  started.defer(startRetention(config, broker, systemClock));
  started.defer(startOutboxExpiry(config.outboxAge, broker, systemClock));
  started.defer(startSessionExpiry(accounts, systemClock));

  const running = started.move();
  health.isReady(true);
  return {
    addresses,
    metricsAddress: side?.address,
    reloadTls: credentials && (() => reloadTls(config, listener)),
    async close() {
      health.isReady(false);
      await running.disposeAsync();
      if (broker.unavailable === undefined) return;
      throw new CommandError(
        `stopped while the log could not be written (${broker.unavailable}): all that was accepted is kept, what was sent last is not`,
        1,
      );
    },
  };
}

function openLog(config: ServerConfig, report: Report): OpenedLog {
  const { data: folder, durability } = config;
  try {
    return openSqliteLog({ folder, durability, search: config.search === "on", report });
  } catch (error) {
    throw explainFolderError(folder, error);
  }
}

async function listen(listener: Listener, address: Address): Promise<Address> {
  try {
    return await listener.listen(address);
  } catch (error) {
    throw explainListenError(address, error);
  }
}

async function openMetricsPort(
  { metricsListen: address, loginTime }: ServerConfig,
  pages: HttpPages,
  report: Report,
): Promise<SidePort | undefined> {
  if (address === null) return undefined;
  try {
    return await openSidePort(address, { clock: systemClock, pages, loginTime, report });
  } catch (error) {
    throw explainListenError(address, error, "--metrics-listen");
  }
}

function reloadTls(config: ServerConfig, listener: Listener): void {
  const credentials = readTlsFiles(config);
  if (credentials !== undefined) listener.reloadTls(credentials);
}
