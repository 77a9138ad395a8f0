// What Prometheus is told. Loaded when somebody asks for the first time: until then the figures are
// plain numbers, kept where things happen.

import { setTimeout } from "node:timers/promises";
import { collectDefaultMetrics, Counter, Gauge, type Metric, Registry } from "prom-client";
import type { ListenFigures } from "../listen/listen-figures.ts";
import type { OpenConnection } from "../listen/places.ts";
import type { LogStatus } from "../log/log.ts";
import type { Buckets } from "./buckets.ts";
import type { CommitFigures } from "./commit-figures.ts";
import { VERSION } from "./version.ts";

export interface MetricSources {
  readonly commits: CommitFigures;
  readonly listen: ListenFigures;
  /** The connections that are open now. */
  readonly open: () => Iterable<OpenConnection>;
  readonly status: () => Promise<LogStatus>;
  /** Whether the log can be written. */
  readonly isAvailable: () => boolean;
}

export interface Metrics {
  readonly contentType: string;
  readonly text: () => Promise<string>;
}

/** How closely the event loop is watched, in ms, once somebody has asked. */
const LAG_RESOLUTION = 20;

export async function createMetrics(sources: MetricSources): Promise<Metrics> {
  const registry = new Registry();
  collectDefaultMetrics({ register: registry, eventLoopMonitoringPrecision: LAG_RESOLUTION });
  const { commits } = sources;
  registry.registerMetric(
    histogram("partyline_commit_seconds", "From a batch to its commit", commits.latency),
  );
  registry.registerMetric(
    histogram("partyline_commit_messages", "Messages in a commit", commits.batchSize),
  );
  const collect = [
    connections(registry, sources),
    messages(registry, sources),
    log(registry, sources),
  ];
  // Without a few samples it would tell the lag of nothing.
  await setTimeout(3 * LAG_RESOLUTION);
  return {
    contentType: registry.contentType,
    async text() {
      for (const each of collect) await each();
      return registry.metrics();
    },
  };
}

/** Each of these makes metrics, and gives what sets them to what is true now. */
type Collect = () => void | Promise<void>;

function connections(registry: Registry, { open }: MetricSources): Collect {
  const registers = [registry];
  const all = new Gauge({
    name: "partyline_connections",
    help: "Open connections, by what they speak; arriving: not known yet",
    labelNames: ["protocol"],
    registers,
  });
  const peers = new Gauge({
    name: "partyline_peers",
    help: "Peers, by protocol and by how they are: greeting, behind, live, leaving",
    labelNames: ["protocol", "state"],
    registers,
  });
  const slowest = new Gauge({
    name: "partyline_slowest_peer_behind_seqs",
    help: "How far the peer that is furthest behind is from the head of the log",
    registers,
  });
  return () => {
    all.reset();
    peers.reset();
    let furthest = 0;
    for (const { protocol, peer } of open()) {
      all.inc({ protocol });
      if (peer === undefined) continue;
      peers.inc({ protocol, state: peer.state });
      furthest = Math.max(furthest, peer.behind);
    }
    slowest.set(furthest);
  };
}

function messages(registry: Registry, { commits, listen }: MetricSources): Collect {
  const registers = [registry];
  const accepted = new Counter({
    name: "partyline_accepted_total",
    help: "Messages that are durable, one for each recipient",
    registers,
  });
  const delivered = new Counter({
    name: "partyline_delivered_total",
    help: "Messages given to writers, again after an abnormal end too",
    registers,
  });
  const refused = new Counter({
    name: "partyline_refused_total",
    help: "What clients were refused, by code: messages, logins, connections",
    labelNames: ["code"],
    registers,
  });
  return () => {
    for (const counter of [accepted, delivered, refused]) counter.reset();
    accepted.inc(commits.accepted);
    delivered.inc(listen.delivered);
    for (const [code, times] of listen.refused) refused.inc({ code }, times);
  };
}

function log(registry: Registry, { status, isAvailable }: MetricSources): Collect {
  const registers = [registry];
  const head = new Gauge({ name: "partyline_log_head", help: "Highest seq", registers });
  const bytes = new Gauge({ name: "partyline_log_bytes", help: "Its size on disk", registers });
  const names = new Gauge({ name: "partyline_names", help: "Names in the log", registers });
  const writable = new Gauge({
    name: "partyline_log_writable",
    help: "1 while the log can be written",
    registers,
  });
  const info = new Gauge({
    name: "partyline_info",
    help: "Which partyline this is",
    labelNames: ["version"],
    registers,
  });
  info.set({ version: VERSION }, 1);
  return async () => {
    const now = await status();
    head.set(now.head);
    bytes.set(now.bytes);
    names.set(now.names);
    writable.set(isAvailable() ? 1 : 0);
  };
}

/** A histogram of figures that were collected elsewhere, for which prom-client has no class. */
function histogram(name: string, help: string, buckets: Buckets): Metric {
  const get = async () => {
    const counts = buckets.cumulative();
    const values = buckets.bounds.map((le, at) => ({
      metricName: `${name}_bucket`,
      labels: { le },
      value: counts[at] ?? 0,
    }));
    const total = { metricName: `${name}_bucket`, labels: { le: "+Inf" }, value: buckets.count };
    const sum = { metricName: `${name}_sum`, labels: {}, value: buckets.sum };
    const all = { metricName: `${name}_count`, labels: {}, value: buckets.count };
    return { name, help, type: "histogram", values: [...values, total, sum, all] };
  };
  return { name, help, get, reset() {} } as unknown as Metric;
}
