// A connection that carries frames, whatever it runs over: a line of text each over TCP and TLS, a
// text message each over WebSocket. What the frames mean is for its owner to know.

import type { Clock } from "../broker/clock.ts";
import type { UnreadableCode } from "../protocol/line/unreadable.ts";
import type { TcpWatch } from "./tcp-watch.ts";

/** What a transport tells its owner. Nothing here may throw. */
export interface FrameOwner {
  /** A frame, without its end, in order. Never while the transport is paused or ending. */
  frame(text: string): void;
  /**
   * Frames as they came, each with its "\n", from `at` on: as many of the next ones as can be taken at
   * once are.
   * @returns where the text goes on; `at` when the next one is to be given by itself
   */
  run(lines: string, at: number): number;
  /**
   * In a frame's place: it was too long, or not text, and was dropped. Over WebSocket one that is not
   * UTF-8 ends the connection, as its standard says.
   * @param head how it began, as Latin-1; empty where that is not known
   */
  unreadable(code: UnreadableCode, head: string): void;
  /**
   * The client sends nothing more: its last frame was given. It may still read.
   */
  finished(): void;
  /** The operating system has taken all of a write. */
  written(): void;
  /** Once, and the last call of all, whatever the reason: the connection is closed. */
  closed(): void;
}

/** No method throws; each may be called at any time, within the calls of the owner too. */
export interface FrameTransport {
  /** Bytes (nearly: characters, before they are encoded) not yet with the operating system. */
  readonly unsent: number;
  /** When something last came from the client, in ms since 1970. */
  readonly lastByteAt: number;
  /** Begins to give frames. Called once; the owner may be called before it returns. */
  start(owner: FrameOwner): void;
  /** Writes frames, each ended by "\n" and without another one; those of one turn go out together. */
  write(frames: string): void;
  /**
   * No frame is given until `resume`, and nothing more is read than what was read already.
   * @param isSoon one chunk more is read: until it comes, it is noticed when the connection is reset
   */
  pause(isSoon?: boolean): void;
  resume(): void;
  /** Writes what is left, then closes. Who does not close his side within a second is cut. */
  end(): void;
  /** Closes now; what is unsent is lost. */
  cut(): void;
  /**
   * Asks the client for a sign of life, where frames are carried by something that has such a question.
   * @returns whether it has
   */
  ping(): boolean;
  /** Find out soon, without the client's noticing, whether the other side still answers. */
  probe(): void;
}

/** What all frame transports of a server share. */
export interface FrameContext {
  readonly clock: Clock;
  readonly watch: TcpWatch;
  /** The longest frame, in bytes. */
  readonly maxFrameBytes: number;
}

/** How long a client that was told the end may take to close its side too, in ms. */
export const LINGER = 1000;

/** A connection that is probed, and silent for this long, in ms, is asked by the system whether it is there. */
export const PROBE_AFTER = 1000;
