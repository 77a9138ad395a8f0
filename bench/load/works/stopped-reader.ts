// Work: a peer stops reading while very much is sent to it, and reads everything later.

import { logIn, sendToOneself } from "../connection.ts";
import { DIALECTS } from "../dialects/dialects.ts";
import type { StoppedReaderOrder, StoppedReaderResult } from "../job.ts";
import { bodyOf, receiverName, senderName } from "../names.ts";
import { refusalOf } from "../refusal.ts";
import { residentBytes } from "../process-figures.ts";

const SAMPLE_EVERY_MS = 20;
const CHUNK_BYTES = 64 * 1024;

export async function stoppedReader(order: StoppedReaderOrder): Promise<StoppedReaderResult> {
  const { port, pid, run, bodyBytes } = order;
  const dialect = DIALECTS[order.dialect];
  const receiver = await logIn(port, dialect, receiverName(run, 0));
  const sender = await logIn(port, dialect, senderName(run, 0));
  const body = bodyOf(bodyBytes);
  const line = dialect.message([receiver.name], body);
  const lines = Math.floor(CHUNK_BYTES / line.length);
  const chunk = Buffer.concat(Array.from({ length: lines }, () => line));
  const chunks = Math.ceil(order.bytes / (lines * bodyBytes));
  const messages = chunks * lines;
  const expectedBytes = messages * dialect.delivered(sender.name, receiver.name, body).length;

  const before = residentBytes(pid);
  let peak = before;
  const sample = (): void => {
    peak = Math.max(peak, residentBytes(pid));
  };
  const sampler = setInterval(sample, SAMPLE_EVERY_MS);

  let received = 0;
  let arrived: (() => void) | undefined;
  receiver.onBytes = (bytes) => {
    if (bytes.includes("!")) throw refusalOf("the reader", bytes);
    received += bytes.length;
    if (received >= expectedBytes) arrived?.();
  };
  receiver.socket.pause();
  sender.onBytes = (bytes) => {
    throw refusalOf("the sender", bytes);
  };
  const start = performance.now();
  for (let sent = 0; sent < chunks; sent += 1) {
    await new Promise((resolve) => {
      sender.socket.write(chunk, resolve);
    });
  }
  await sendToOneself(sender, dialect);
  const sentAt = performance.now();
  sample();
  const peakStopped = peak;

  await new Promise<void>((resolve) => {
    arrived = resolve;
    receiver.socket.resume();
  });
  const readAt = performance.now();
  sample();
  clearInterval(sampler);
  await Promise.all([sender.close(), receiver.close()]);
  if (received !== expectedBytes) {
    throw new Error(`${received} bytes arrived of ${expectedBytes} that were sent`);
  }
  return {
    messages,
    before,
    peakStopped,
    peak,
    sendSeconds: (sentAt - start) / 1000,
    readSeconds: (readAt - sentAt) / 1000,
  };
}
