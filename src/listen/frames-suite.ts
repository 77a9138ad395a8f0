// What every frame transport must do: the suite that TCP and WebSocket pass (`frames.test.ts`).

import assert from "node:assert/strict";
import type { Buffer } from "node:buffer";
import type { Socket } from "node:net";
import { describe, it, type TestContext } from "node:test";
import { setImmediate as nextTurn } from "node:timers/promises";
import * as fc from "fast-check";
import { check } from "../../test/harness/check.ts";
import type { FrameOwner, FrameTransport } from "./frames.ts";

/** The longest frame of the transports under test, in bytes. */
export const MOST = 100_000;

/** The other side of a transport: its bytes by hand, so that they can be split anywhere. */
export interface FrameClient {
  readonly socket: Socket;
  /** Frames that came whole. */
  readonly frames: string[];
  /** Whether the server has said that nothing more will come. */
  hasEnded(): boolean;
  /** Frames as bytes. */
  encode(...frames: (string | Uint8Array)[]): Buffer;
  /** What says that nothing more will be sent. */
  finish(): void;
}

export interface FramePair {
  readonly transport: FrameTransport;
  readonly client: FrameClient;
}

/** Keeps what an owner is told, in order. */
export class Recorder implements FrameOwner {
  readonly events: string[] = [];
  onFrame: (text: string) => void = () => {};
  #changed = Promise.withResolvers<void>();

  run(_: string, at: number): number {
    return at;
  }

  frame(text: string): void {
    this.#note(text);
    this.onFrame(text);
  }

  unreadable(code: string): void {
    this.#note(`! ${code}`);
  }

  finished(): void {
    this.#note("finished");
  }

  written(): void {
    this.#tell();
  }

  closed(): void {
    this.#note("closed");
  }

  async until(holds: () => boolean): Promise<void> {
    while (!holds()) await this.#changed.promise;
  }

  async expect(...events: string[]): Promise<void> {
    await this.until(() => this.events.length >= events.length);
    assert.deepEqual(this.events, events);
  }

  #note(event: string): void {
    this.events.push(event);
    this.#tell();
  }

  #tell(): void {
    this.#changed.resolve();
    this.#changed = Promise.withResolvers();
  }
}

/** Waits until something holds that the client's socket brings about. */
async function clientUntil({ socket }: FrameClient, holds: () => boolean): Promise<void> {
  while (!holds()) {
    assert.ok(!socket.destroyed, "closed while waiting");
    await nextTurn();
  }
}

/** @param connect makes a transport and its client, both closed after the test */
export function frameSuite(what: string, connect: (t: TestContext) => Promise<FramePair>): void {
  async function begin(t: TestContext): Promise<FramePair & { owner: Recorder }> {
    const pair = await connect(t);
    const owner = new Recorder();
    pair.transport.start(owner);
    return { ...pair, owner };
  }

  describe(what, { timeout: 30_000 }, () => {
    it("gives frames whole and in order, wherever the bytes are split", async (t) => {
      const text = fc.string({ unit: "grapheme", maxLength: 20 });
      const property = fc.asyncProperty(
        fc.array(
          text.filter((frame) => !/[\n\r]/.test(frame)),
          { maxLength: 10 },
        ),
        fc.array(fc.nat(300), { maxLength: 8 }),
        async (frames, cuts) => {
          const { client, owner } = await begin(t);
          const bytes = client.encode(...frames, "last");
          const at = [
            0,
            ...cuts.map((cut) => Math.min(cut, bytes.length)).toSorted((a, b) => a - b),
          ];
          for (const [index, from] of at.entries()) {
            client.socket.write(bytes.subarray(from, at[index + 1] ?? bytes.length));
            await nextTurn();
          }
          await owner.expect(...frames, "last");
          client.socket.destroy();
        },
      );
      await check(t, property, { numRuns: 60 });
    });

    it("writes frames of every size and script in order", async (t) => {
      const { transport, client } = await begin(t);
      const frames = [0, 1, 125, 126, 127, 65_535, 65_536, 90_000].map((size) => "x".repeat(size));
      frames.push("é語👋", "語".repeat(50), "語".repeat(30_000), "x");
      for (const frame of frames) transport.write(`${frame}\n`);
      await clientUntil(client, () => client.frames.length >= frames.length);
      assert.deepEqual(client.frames, frames);
    });

    it("writes frames that come as one text, between others", async (t) => {
      const { transport, client } = await begin(t);
      transport.write("a\nb\n");
      transport.write("c\n");
      await clientUntil(client, () => client.frames.length >= 3);
      transport.write("d\n");
      await clientUntil(client, () => client.frames.length >= 4);
      assert.deepEqual(client.frames, ["a", "b", "c", "d"]);
    });

    it("keeps what comes before it is started", async (t) => {
      const { transport, client } = await connect(t);
      client.socket.write(client.encode("a", "b"));
      for (let turn = 0; turn < 20; turn += 1) await nextTurn();
      const owner = new Recorder();
      transport.start(owner);
      await owner.expect("a", "b");
    });

    it("takes a frame of the most bytes, and one more is unreadable", async (t) => {
      const { client, owner } = await begin(t);
      client.socket.write(client.encode("x".repeat(MOST), "語".repeat(MOST / 3 + 1)));
      await owner.until(() => owner.events.length >= 2);
      assert.deepEqual(owner.events.slice(0, 2), ["x".repeat(MOST), "! line-too-long"]);
    });

    it("gives a frame that is not UTF-8 as unreadable", async (t) => {
      const { client, owner } = await begin(t);
      client.socket.write(client.encode("a", Uint8Array.of(0xff)));
      await owner.until(() => owner.events.length >= 2);
      assert.deepEqual(owner.events.slice(0, 2), ["a", "! bad-text"]);
    });

    it("gives nothing while it is paused, from within a frame too", async (t) => {
      const { transport, client, owner } = await begin(t);
      owner.onFrame = (text) => {
        if (text === "b") transport.pause();
      };
      client.socket.write(client.encode("a", "b", "c"));
      await owner.expect("a", "b");
      client.socket.write(client.encode("d"));
      for (let turn = 0; turn < 20; turn += 1) await nextTurn();
      assert.deepEqual(owner.events, ["a", "b"]);
      transport.resume();
      await owner.expect("a", "b", "c", "d");
    });

    it("reads no more than a little while it is paused", async (t) => {
      const { transport, client, owner } = await begin(t);
      transport.pause();
      const frame = client.encode("x".repeat(60_000));
      const sent = Array.from({ length: 1000 }, () => client.socket.write(frame));
      assert.ok(sent.includes(false));
      for (let turn = 0; turn < 100; turn += 1) await nextTurn();
      assert.ok(client.socket.writableLength > 30_000_000, `${client.socket.writableLength}`);
      transport.resume();
      await owner.until(() => owner.events.length === 1000);
    });

    it("tells what is unsent while nobody reads, and when it is written", async (t) => {
      const { transport, client, owner } = await begin(t);
      client.socket.pause();
      const frame = `${"x".repeat(60_000)}\n`;
      for (let count = 0; count < 400; count += 1) transport.write(frame);
      for (let turn = 0; turn < 100; turn += 1) await nextTurn();
      assert.ok(transport.unsent > 10_000_000);
      client.socket.resume();
      await owner.until(() => transport.unsent === 0);
      await clientUntil(client, () => client.frames.length === 400);
    });

    it("ends after everything was written, and is closed once", async (t) => {
      const { transport, client, owner } = await begin(t);
      const frame = `${"x".repeat(60_000)}\n`;
      for (let count = 0; count < 100; count += 1) transport.write(frame);
      transport.write("last\n");
      transport.end();
      transport.end();
      await clientUntil(client, () => client.hasEnded());
      assert.equal(client.frames.length, 101);
      assert.equal(client.frames.at(-1), "last");
      client.finish();
      await owner.expect("closed");
    });

    it("gives nothing after the end that it was asked for", async (t) => {
      const { transport, client, owner } = await begin(t);
      owner.onFrame = () => transport.end();
      client.socket.write(client.encode("a", "b", "c"));
      await clientUntil(client, () => client.hasEnded());
      client.finish();
      await owner.expect("a", "closed");
    });

    it("cuts a client that does not close its side after the end", async (t) => {
      const { transport, owner } = await begin(t);
      transport.end();
      await owner.expect("closed");
    });

    it("tells that the client has finished after its last frame, then that it is closed", async (t) => {
      const { transport, client, owner } = await begin(t);
      client.socket.write(client.encode("a"));
      client.finish();
      await owner.until(() => owner.events.includes("finished"));
      transport.end();
      await owner.expect("a", "finished", "closed");
    });

    it("is closed once when it is cut", async (t) => {
      const { transport, owner } = await begin(t);
      transport.cut();
      transport.cut();
      transport.end();
      transport.write("x\n");
      await owner.expect("closed");
    });

    it("is closed when the client is gone", async (t) => {
      const { client, owner } = await begin(t);
      client.socket.resetAndDestroy();
      await owner.until(() => owner.events.includes("closed"));
      assert.equal(owner.events.filter((event) => event === "closed").length, 1);
    });
  });
}
