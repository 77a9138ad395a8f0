// How much each row does: in full, as the goals say it, or just enough to show that it works.

import { openFilesLimit } from "./machine.ts";

export interface Sizes {
  readonly warmSeconds: number;
  readonly pingPongWarmRounds: number;
  readonly probeSeconds: number;
  readonly fsyncSamples: number;
  readonly idleConnections: number;
  readonly stoppedReaderBytes: number;
  readonly backlogMessages: number;
  readonly roomMembers: number;
  readonly reconnectClients: number;
  readonly starts: number;
  readonly historyPeers: number;
  readonly historyAsks: number;
  readonly smallLog: Log;
  readonly largeLog: Log;
}

export interface Log {
  readonly name: string;
  readonly conversations: number;
  readonly messagesEach: number;
}

/** Descriptors that a process needs beside its connections. */
const OTHER_DESCRIPTORS = 200;

function connections(wanted: number): number {
  return Math.min(wanted, openFilesLimit() - OTHER_DESCRIPTORS);
}

export function sizesFor(quick: boolean): Sizes {
  const smallLog = { name: "10 thousand messages", conversations: 100, messagesEach: 100 };
  if (quick) {
    return {
      warmSeconds: 0.2,
      pingPongWarmRounds: 100,
      probeSeconds: 1,
      fsyncSamples: 50,
      idleConnections: connections(500),
      stoppedReaderBytes: 50e6,
      backlogMessages: 50_000,
      roomMembers: 100,
      reconnectClients: connections(300),
      starts: 1,
      historyPeers: 20,
      historyAsks: 60,
      smallLog,
      largeLog: { name: "100 thousand messages", conversations: 100, messagesEach: 1000 },
    };
  }
  return {
    warmSeconds: 1,
    pingPongWarmRounds: 1000,
    probeSeconds: 8,
    fsyncSamples: 250,
    idleConnections: connections(10_000),
    stoppedReaderBytes: 1e9,
    backlogMessages: 1_000_000,
    roomMembers: connections(1000),
    reconnectClients: connections(5000),
    starts: 5,
    historyPeers: 100,
    historyAsks: 300,
    smallLog,
    largeLog: { name: "10 million messages", conversations: 1000, messagesEach: 10_000 },
  };
}
