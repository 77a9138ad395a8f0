// Reads all connections into one buffer. By itself Node makes a new one of 64 KiB for each read, and
// reads on after a pause; both cost more than all that a reader does with the bytes.

import { Buffer } from "node:buffer";
import { Socket, type SocketConstructorOpts } from "node:net";

/** The most that is read at a time, in bytes. */
const READ_BYTES = 64 * 1024;

/** It is full only while one chunk is handed over: readers keep copies. */
const shared = Buffer.allocUnsafeSlow(READ_BYTES);

/**
 * Makes a socket that reads into the shared buffer out of one that was accepted paused, which must
 * not be used any more. It is stopped at once by `pause()`.
 * @param take gets each chunk, which is overwritten when it returns
 */
export function sharingBuffer(accepted: Socket, take: (chunk: Buffer) => void): Socket {
  // Node offers `onread` to connecting sockets alone, though every socket can do it.
  const bare = accepted as unknown as { _handle: unknown };
  const options = {
    handle: bare._handle,
    allowHalfOpen: true,
    onread: {
      buffer: shared,
      callback: (bytes: number) => {
        take(shared.subarray(0, bytes));
        return true;
      },
    },
  };
  bare._handle = null;
  return new Socket(options as SocketConstructorOpts);
}
