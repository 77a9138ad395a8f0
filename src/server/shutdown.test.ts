import assert from "node:assert/strict";
import { test } from "node:test";
import { drain } from "./shutdown.ts";

/** A broker that settles when it is told to, and the order in which things happen to it. */
function createParts() {
  const calls: string[] = [];
  const settled = Promise.withResolvers<void>();
  const broker = {
    stop: () => void calls.push("broker stops"),
    settled: () => settled.promise,
    cutAll: () => void calls.push("all are cut"),
    who: () => ["alice"],
  };
  const listener = { stop: () => void calls.push("listener stops") };
  const report = (stage: string): void => void calls.push(`report ${stage}`);
  return { calls, broker, listener, report, settle: () => settled.resolve() };
}

test("nobody is accepted any more before the peers are asked to leave", async () => {
  const { calls, broker, listener, report, settle } = createParts();
  settle();
  await drain(listener, broker, 1000, report);
  assert.deepEqual(calls, ["listener stops", "broker stops"]);
});

test("who has not left in time is reported and cut, and then waited for", async () => {
  const { calls, broker, listener, report, settle } = createParts();
  const cutAll = (): void => {
    broker.cutAll();
    settle();
  };
  await drain(listener, { ...broker, cutAll }, 1, report);
  assert.deepEqual(calls.slice(2), ["report shutdown", "all are cut"]);
});
