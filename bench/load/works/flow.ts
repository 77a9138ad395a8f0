// Work: senders pipeline messages as fast as the server takes them, and receivers count what comes.

import { setTimeout as delay } from "node:timers/promises";
import { type Connection, logIn, openAll } from "../connection.ts";
import type { Dialect } from "../dialects/dialect.ts";
import { DIALECTS } from "../dialects/dialects.ts";
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

/**
 * One sender with its recipients. What they get is counted in bytes where all messages are of the same
 * length, and in messages where each is a frame of its own.
 */
class Group {
  readonly #sender: Connection;
  readonly #next: () => Buffer;
  readonly #chunkUnits: number;
  readonly #window: number;
  /** What a message counts. */
  readonly messageUnits: number;
  readonly #stray: number;
  sent = 0;
  received = 0;
  #flowing = false;
  #writing = false;
  #drained: () => void = () => undefined;

  /** @param windowBytes what may be on its way, in bytes as they are delivered */
  constructor(
    dialect: Dialect,
    sender: Connection,
    receivers: readonly Connection[],
    windowBytes: number,
  ) {
    this.#sender = sender;
    this.#stray = dialect.strayBytes * receivers.length;
    const names = receivers.map((receiver) => receiver.name);
    const body = bodyOf(BODY_BYTES);
    const message = dialect.message(names, body);
    const messages = Math.max(1, Math.floor(CHUNK_BYTES / message.length));
    const messageBytes = dialect.delivered(sender.name, names[0] ?? "", body).length;
    this.messageUnits = dialect.frames === undefined ? messageBytes : 1;
    this.#window = (windowBytes / messageBytes) * this.messageUnits;
    this.#chunkUnits = messages * receivers.length * this.messageUnits;
    if (dialect.frames === undefined) {
      const chunk = Buffer.concat(Array.from({ length: messages }, () => message));
      this.#next = () => chunk;
      this.#countBytes(dialect, receivers);
    } else {
      const chunks = dialect.frames.chunks(names, body, messages);
      this.#next = () => chunks.next();
      this.#countFrames(dialect.frames, receivers);
    }
  }

  start(): void {
    this.#flowing = true;
    this.#pump();
  }

  /** Stops writing; resolves when all that was sent has been delivered. */
  async stop(): Promise<void> {
    this.#flowing = false;
    if (this.received >= this.sent) return;
    await new Promise<void>((resolve) => {
      this.#drained = resolve;
    });
  }

  #countBytes(dialect: Dialect, receivers: readonly Connection[]): void {
    const { refusalByte } = dialect;
    this.#sender.onBytes = (bytes) => {
      if (dialect.isRefusal(bytes.toString("latin1"))) throw refusalOf("a sender", bytes);
    };
    for (const receiver of receivers) {
      receiver.onBytes = (bytes) => {
        if (refusalByte !== undefined && bytes.includes(refusalByte)) {
          throw refusalOf("a receiver", bytes);
        }
        this.#receive(bytes.length);
      };
    }
  }

  /** A sender is told what was accepted; a receiver acknowledges each piece that it has read. */
  #countFrames(frames: NonNullable<Dialect["frames"]>, receivers: readonly Connection[]): void {
    const accepted = frames.counter("a");
    this.#sender.onBytes = (bytes) => void accepted.count(bytes);
    for (const receiver of receivers) {
      const messages = frames.counter("m");
      receiver.onBytes = (bytes) => {
        const count = messages.count(bytes);
        if (count === 0) return;
        receiver.socket.write(frames.ack(messages.lastSeq));
        this.#receive(count);
      };
    }
  }

  #pump(): void {
    if (!this.#flowing || this.#writing) return;
    if (this.sent - this.received >= this.#window) return;
    this.#writing = true;
    this.sent += this.#chunkUnits;
    this.#sender.socket.write(this.#next(), () => {
      this.#writing = false;
      this.#pump();
    });
  }

  #receive(units: number): void {
    this.received += units;
    if (this.#flowing) this.#pump();
    else if (this.received >= this.sent) this.#drained();
    if (this.received > this.sent + this.#stray) {
      throw new Error(`${this.received} were delivered of ${this.sent} that were sent`);
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
    groups.reduce((sum, group) => sum + Math.floor(group.received / group.messageUnits), 0);
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
