// What the orchestrator asks the load generator to do, and what it answers: one job a process.

import type { DialectName } from "./dialects/dialects.ts";

/** Everything needed to reach the server under test. */
export interface Aim {
  readonly port: number;
  /** The server's process, whose memory and processor time are read from /proc. */
  readonly pid: number;
  readonly dialect: DialectName;
  /** Two characters that no other run of this server has: they keep names apart. */
  readonly run: string;
}

/** In the unit that the work's result states. */
export interface Percentiles {
  readonly p50: number;
  readonly p99: number;
  readonly max: number;
  readonly count: number;
}

export interface FlowOrder extends Aim {
  readonly senders: number;
  /** Each message of a sender goes to this many recipients of its own. */
  readonly recipients: number;
  readonly warmSeconds: number;
  readonly seconds: number;
}

export interface FlowResult {
  /** From the first byte sent to the last message delivered. */
  readonly deliveriesPerSecond: number;
  readonly deliveries: number;
  /** Processor time of each side, in cores. */
  readonly loadCores: number;
  readonly serverCores: number;
}

export interface PingPongOrder extends Aim {
  readonly warmRounds: number;
  readonly seconds: number;
}

export interface ProbeOrder extends Aim {
  readonly everyMs: number;
  readonly seconds: number;
}

export interface IdleOrder extends Aim {
  readonly connections: number;
}

export interface IdleResult {
  readonly connections: number;
  /** Resident bytes of the server, before and with all connections logged in. */
  readonly before: number;
  readonly after: number;
}

export interface StoppedReaderOrder extends Aim {
  readonly bytes: number;
  readonly bodyBytes: number;
}

export interface StoppedReaderResult {
  readonly messages: number;
  readonly before: number;
  /** The most that was seen while the reader stood still, and until it had read everything. */
  readonly peakStopped: number;
  readonly peak: number;
  readonly sendSeconds: number;
  readonly readSeconds: number;
}

export interface BacklogOrder extends Aim {
  readonly messages: number;
}

export interface BacklogResult {
  /** From the beginning of the login to the last message. */
  readonly messagesPerSecond: number;
}

export interface FillOrder extends Aim {
  readonly conversations: number;
  readonly messagesEach: number;
}

export interface FillResult {
  readonly messages: number;
  readonly seconds: number;
}

export interface HistoryOrder extends Aim {
  /** As they were filled. */
  readonly conversations: number;
  readonly peers: number;
  readonly asks: number;
  readonly length: number;
}

export interface RoomOrder extends Aim {
  readonly members: number;
  readonly perSecond: number;
  readonly seconds: number;
}

export interface ReconnectOrder extends Aim {
  readonly clients: number;
  /** How many of them are one account, by which `clients` can be divided; one: open names. */
  readonly devices: number;
}

export interface ReconnectResult {
  /** From the first connect until all have what was sent to them. */
  readonly seconds: number;
}

export interface GuessOrder extends Aim {
  readonly perSecond: number;
  /** From how many addresses of this machine in turns; more than one there are on Linux alone. */
  readonly addresses: number;
}

export interface GuessResult {
  readonly seconds: number;
  readonly guesses: number;
  /** How often each code was the answer; `none` where there was no answer. */
  readonly codes: Readonly<Record<string, number>>;
}

export interface Works {
  readonly flow: { readonly order: FlowOrder; readonly result: FlowResult };
  /** Microseconds a round. */
  readonly "ping-pong": { readonly order: PingPongOrder; readonly result: Percentiles };
  /** Milliseconds a delivery. */
  readonly probe: { readonly order: ProbeOrder; readonly result: Percentiles };
  readonly idle: { readonly order: IdleOrder; readonly result: IdleResult };
  readonly "stopped-reader": {
    readonly order: StoppedReaderOrder;
    readonly result: StoppedReaderResult;
  };
  readonly backlog: { readonly order: BacklogOrder; readonly result: BacklogResult };
  readonly fill: { readonly order: FillOrder; readonly result: FillResult };
  /** Milliseconds a delivery. */
  readonly room: { readonly order: RoomOrder; readonly result: Percentiles };
  readonly reconnect: { readonly order: ReconnectOrder; readonly result: ReconnectResult };
  readonly guess: { readonly order: GuessOrder; readonly result: GuessResult };
  /** Microseconds a history. */
  readonly history: { readonly order: HistoryOrder; readonly result: Percentiles };
}

export type WorkName = keyof Works;

/** The way between a work and whoever ordered it, while it goes on. */
export interface Orderer {
  readonly reached: (stage: string) => void;
  /** Aborted when the work is asked to end early, with the result that it has. */
  readonly stop: AbortSignal;
}

export type Work<N extends WorkName> = (
  order: Works[N]["order"],
  orderer: Orderer,
) => Promise<Works[N]["result"]>;
