// The bare relay: the line protocol's messages with no log, no limits and no recovery. It is the
// most that Node does on this work, and what the server is measured against.

import { createServer, type Socket } from "node:net";

/** Bytes a peer's socket may hold unsent before those who write to it are paused. */
const FULL = 1024 * 1024;

interface Peer {
  readonly socket: Socket;
  name: string;
  /** The beginning of a line whose end has not come yet. */
  partial: string;
  /** What the chunk in hand has for the peer. */
  text: string;
  /** What this turn of the event loop has for the peer, in one write at its end. */
  out: Buffer[];
  /** Readers that are paused until this peer's socket has drained. */
  readonly paused: Set<Socket>;
}

const peers = new Map<string, Peer>();
let touched: Peer[] = [];
let written: Peer[] = [];

function deliver(peer: Peer, text: string, reader: Socket): void {
  if (peer.text === "") touched.push(peer);
  peer.text += text;
  if (peer.socket.writableLength > FULL && !peer.paused.has(reader)) {
    peer.paused.add(reader);
    reader.pause();
  }
}

/**
 * Makes bytes of what a chunk has for each peer. Strings that live until the end of the turn, fifty
 * chunks later, are copied by the collector again and again: that was three quarters of the time.
 */
function encode(): void {
  for (const peer of touched) {
    if (peer.out.length === 0) {
      if (written.length === 0) setImmediate(flush);
      written.push(peer);
    }
    peer.out.push(Buffer.from(peer.text, "latin1"));
    peer.text = "";
  }
  touched = [];
}

function flush(): void {
  const turn = written;
  written = [];
  for (const peer of turn) {
    peer.socket.cork();
    for (const bytes of peer.out) peer.socket.write(bytes);
    peer.socket.uncork();
    peer.out = [];
  }
}

function resume(peer: Peer): void {
  for (const reader of peer.paused) reader.resume();
  peer.paused.clear();
}

function handleLine(from: Peer, line: string): void {
  if (from.name === "") {
    from.name = line.trim();
    peers.set(from.name, from);
    return;
  }
  const colon = line.indexOf(":");
  if (colon < 0) return;
  const recipients = line.slice(0, colon);
  const text = `from ${from.name}: ${line.slice(colon + 1).trim()}\n`;
  if (!recipients.includes(",")) {
    const peer = peers.get(recipients.trim());
    if (peer !== undefined) deliver(peer, text, from.socket);
    return;
  }
  for (const recipient of recipients.split(",")) {
    const peer = peers.get(recipient.trim());
    if (peer !== undefined) deliver(peer, text, from.socket);
  }
}

// Latin-1 both ways keeps every byte as it is, so UTF-8 passes through undecoded.
function handleChunk(peer: Peer, chunk: Buffer): void {
  const text = peer.partial + chunk.toString("latin1");
  let start = 0;
  for (let end = text.indexOf("\n"); end >= 0; end = text.indexOf("\n", start)) {
    handleLine(peer, text.slice(start, end));
    start = end + 1;
  }
  peer.partial = text.slice(start);
  encode();
}

const server = createServer({ noDelay: true }, (socket) => {
  const peer: Peer = { socket, name: "", partial: "", text: "", out: [], paused: new Set() };
  socket.on("data", (chunk: Buffer) => handleChunk(peer, chunk));
  socket.on("drain", () => resume(peer));
  socket.on("error", () => socket.destroy());
  socket.on("close", () => {
    if (peers.get(peer.name) === peer) peers.delete(peer.name);
    resume(peer);
  });
});

server.listen(0, "127.0.0.1", 4096, () => {
  const address = server.address();
  if (address === null || typeof address === "string") throw new Error("no port");
  process.stdout.write(`listening on 127.0.0.1:${address.port}\n`);
});

// Whoever started the relay holds its standard input: the relay never outlives the benchmark.
process.stdin.on("end", () => process.exit(0)).resume();
