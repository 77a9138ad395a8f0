// Reads all connections into one buffer. By itself Node makes a new one of 64 KiB for each read, and
// reads on after a pause; both cost more than all that a reader does with the bytes.

import { Buffer } from "node:buffer";
import { Socket, type SocketConstructorOpts } from "node:net";

/** The most that is read at a time, in bytes. */
const READ_BYTES = 64 * 1024;

/** It is full only while one chunk is handed over: readers keep copies. */
const shared = Buffer.allocUnsafeSlow(READ_BYTES);

/** Gets each chunk, which may be overwritten when it returns. */
export type TakeChunk = (chunk: Buffer) => void;

/** A socket that reads into the shared buffer, and is stopped at once by `pause()`. */
export class SharingSocket extends Socket {
  #take: TakeChunk | undefined;

  /** @param accepted paused; it must not be used any more */
  constructor(accepted: Socket) {
    // Node offers `onread` to connecting sockets alone, though every socket can do it.
    const bare = accepted as unknown as { _handle: unknown };
    const options = {
      handle: bare._handle,
      allowHalfOpen: true,
      onread: { buffer: shared, callback: (bytes: number) => this.#read(bytes) },
    };
    bare._handle = null;
    super(options as SocketConstructorOpts);
  }

  /** Gives all chunks to `take` from now on, until somebody else is given them. */
  giveTo(take: TakeChunk): void {
    this.#take = take;
  }

  /** From now on it is a stream like any other, which begins with these bytes. */
  becomeStream(first: Buffer): void {
    this.#take = undefined;
    if (first.length > 0) this.unshift(Buffer.from(first));
  }

  /** @returns whether to read on */
  #read(bytes: number): boolean {
    const chunk = shared.subarray(0, bytes);
    if (this.#take === undefined) return this.push(Buffer.from(chunk));
    this.#take(chunk);
    return true;
  }
}

/** Gives all chunks of a socket of any kind to `take`, instead of to whoever had them before. */
export function readChunks(socket: Socket, take: TakeChunk): void {
  if (socket instanceof SharingSocket) return socket.giveTo(take);
  socket.removeAllListeners("data").on("data", take);
}

/** Makes a stream of a socket of any kind that was read by `readChunks`. It may be paused. */
export function becomeStream(socket: Socket, first: Buffer): void {
  if (socket instanceof SharingSocket) return socket.becomeStream(first);
  socket.removeAllListeners("data").pause();
  if (first.length > 0) socket.unshift(Buffer.from(first));
}
