// Work: senders pipeline messages as fast as the server takes them, and receivers count what comes.

import { setTimeout as delay } from "node:timers/promises";
import { type Connection, logIn, openAll } from "../connection.ts";
import { DIALECTS, type Dialect } from "../dialects/dialect.ts";
import type { FlowOrder, FlowResult, Orderer } from "../job.ts";
import { BODY_BYTES, bodyOf, receiverName, senderName } from "../names.ts";
import { refusalOf } from "../refusal.ts";
import { processorSeconds } from "../process-figures.ts";

/** Bytes of one write of a sender: as many identical lines as fit. */
const CHUNK_BYTES = 64 * 1024;

/**
 * Bytes on their way from all senders to all receivers at most. Far more than any server needs to be
 * busy, and far less than what the kernel would buffer, so that a run ends soon after its last write.
 */
const WINDOW_BYTES = 8 * 1024 * 1024;

/** One sender with its recipients. */
class Group {
  readonly sender: Connection;
  readonly receivers: readonly Connection[];
  readonly #chunk: Buffer;
  readonly #chunkDeliveredBytes: number;
  readonly #window: number;
  readonly messageBytes: number;
  readonly #stray: number;
  sentBytes = 0;
  receivedBytes = 0;
  #flowing = false;
  #writing = false;
  #drained: () => void = () => undefined;

  constructor(
    dialect: Dialect,
    sender: Connection,
    receivers: readonly Connection[],
    window: number,
  ) {
    this.sender = sender;
    this.receivers = receivers;
    this.#window = window;
    this.#stray = dialect.strayBytes * receivers.length;
    const names = receivers.map((receiver) => receiver.name);
    const body = bodyOf(BODY_BYTES);
    const line = dialect.message(names, body);
    const lines = Math.max(1, Math.floor(CHUNK_BYTES / line.length));
    this.#chunk = Buffer.concat(Array.from({ length: lines }, () => line));
    this.messageBytes = dialect.delivered(sender.name, names[0] ?? "", body).length;
    this.#chunkDeliveredBytes = lines * receivers.length * this.messageBytes;
    sender.onBytes = (bytes) => {
      if (dialect.isRefusal(bytes.toString("latin1"))) throw refusalOf("a sender", bytes);
    };
    for (const receiver of receivers) {
      receiver.onBytes = (bytes) => this.#receive(bytes, dialect.refusalByte);
    }
  }

  start(): void {
    this.#flowing = true;
    this.#pump();
  }

  /** Stops writing; resolves when all that was sent has been delivered. */
  async stop(): Promise<void> {
    this.#flowing = false;
    if (this.receivedBytes >= this.sentBytes) return;
    await new Promise<void>((resolve) => {
      this.#drained = resolve;
    });
  }

  #pump(): void {
    if (!this.#flowing || this.#writing) return;
    if (this.sentBytes - this.receivedBytes >= this.#window) return;
    this.#writing = true;
    this.sentBytes += this.#chunkDeliveredBytes;
    this.sender.socket.write(this.#chunk, () => {
      this.#writing = false;
      this.#pump();
    });
  }

  #receive(bytes: Buffer, refusalByte: number | undefined): void {
    if (refusalByte !== undefined && bytes.includes(refusalByte)) {
      throw refusalOf("a receiver", bytes);
    }
    this.receivedBytes += bytes.length;
    if (this.#flowing) this.#pump();
    else if (this.receivedBytes >= this.sentBytes) this.#drained();
    if (this.receivedBytes > this.sentBytes + this.#stray) {
      throw new Error(
        `${this.receivedBytes} bytes were delivered of ${this.sentBytes} that were sent`,
      );
    }
  }
}

async function runFor(groups: readonly Group[], seconds: number, stop: AbortSignal): Promise<void> {
  for (const group of groups) group.start();
  // Ends at the time or when asked to; either is the end of the sending, not a failure.
  await delay(seconds * 1000, undefined, { signal: stop }).catch(() => undefined);
  await Promise.all(groups.map((group) => group.stop()));
}

export async function flow(order: FlowOrder, { reached, stop }: Orderer): Promise<FlowResult> {
  const { port, pid, run, senders, recipients } = order;
  const dialect = DIALECTS[order.dialect];
  const receivers = await openAll(senders * recipients, (index) =>
    logIn(port, dialect, receiverName(run, index)),
  );
  const connections = await openAll(senders, (index) =>
    logIn(port, dialect, senderName(run, index)),
  );
  const groups = connections.map((sender, index) => {
    const own = receivers.slice(index * recipients, (index + 1) * recipients);
    return new Group(dialect, sender, own, WINDOW_BYTES / senders);
  });
  await runFor(groups, order.warmSeconds, stop);
  reached("flowing");

  const deliveries = (): number =>
    groups.reduce((sum, group) => sum + Math.floor(group.receivedBytes / group.messageBytes), 0);
  const before = deliveries();
  const start = performance.now();
  const loadBefore = process.cpuUsage();
  const serverBefore = processorSeconds(pid);
  await runFor(groups, order.seconds, stop);
  const seconds = (performance.now() - start) / 1000;
  const load = process.cpuUsage(loadBefore);
  const delivered = deliveries() - before;
  const serverCores = (processorSeconds(pid) - serverBefore) / seconds;
  await closeAll(order, [...connections, ...receivers]);
  return {
    deliveriesPerSecond: delivered / seconds,
    deliveries: delivered,
    loadCores: (load.user + load.system) / 1e6 / seconds,
    serverCores,
  };
}

/** A peer of the line protocol leaves with a FIN, so that the server knows it has everything. */
async function closeAll(order: FlowOrder, connections: readonly Connection[]): Promise<void> {
  if (order.dialect === "line") await Promise.all(connections.map((each) => each.close()));
  else for (const each of connections) each.destroy();
}
