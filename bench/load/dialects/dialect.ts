// What the load generator has to know of a protocol to drive a server: exact bytes in both directions.

import type { FrameCounter, NumberedChunks } from "./json-frames.ts";

export interface Dialect {
  /** What a client sends to be `name` and to be sent what is addressed to it. */
  login(name: string): Buffer;
  /** What the server says when the login is complete, where it must be awaited before sending. */
  readonly welcome?: string;
  /** Whether the welcome alone says so: then a message to oneself need not come back. */
  readonly isReadyWhenWelcome?: boolean;
  message(to: readonly string[], body: string): Buffer;
  /** The bytes in which the recipient gets it: of the same length for names and bodies of the same lengths. */
  delivered(from: string, to: string, body: string): Buffer;
  /** A byte that no delivered message contains and every refusal does, so that refusals among messages are seen. */
  readonly refusalByte?: number;
  /** Whether what a connection that only sends was told means that something was refused. */
  isRefusal(text: string): boolean;
  /** Bytes that the server may say between messages in the course of one run. */
  readonly strayBytes: number;
  /** Where sends are numbered and answered, and messages acknowledged: then they differ, and are counted. */
  readonly frames?: {
    /** A sender's chunks of `count` messages, from its first one on. */
    chunks(to: readonly string[], body: string, count: number): NumberedChunks;
    /** @param kind the first letter of the frames that may come: `message`, `accepted` */
    counter(kind: "m" | "a"): FrameCounter;
    ack(seq: number): Buffer;
  };
}
