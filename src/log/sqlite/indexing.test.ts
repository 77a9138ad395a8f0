// Reads that wait for the index: one question for all of them, and on a full disk what there is.

import assert from "node:assert/strict";
import { test } from "node:test";
import { ChatError } from "../../protocol/errors.ts";
import { Indexing } from "./indexing.ts";

const FULL = new Error("database or disk is full");

/** An index whose questions, and the pauses after a failure, end when the test says so. */
function asked(): {
  indexing: Indexing;
  questions: PromiseWithResolvers<number>[];
  pauses: PromiseWithResolvers<void>[];
} {
  const questions: PromiseWithResolvers<number>[] = [];
  const pauses: PromiseWithResolvers<void>[] = [];
  const indexing = new Indexing(
    () => next(questions),
    () => next(pauses),
  );
  return { indexing, questions, pauses };
}

function next<T>(all: PromiseWithResolvers<T>[]): Promise<T> {
  const one = Promise.withResolvers<T>();
  all.push(one);
  return one.promise;
}

const turn = (): Promise<void> => new Promise((resolve) => setImmediate(resolve));

test("what is indexed is not asked for", async () => {
  const { indexing, questions } = asked();
  indexing.reached(10);
  assert.equal(await indexing.readable(0, 10), 10);
  assert.equal(questions.length, 0);
});

test("many who read as far as the head are one question", async () => {
  const { indexing, questions } = asked();
  const reads = Array.from({ length: 1000 }, () => indexing.readable(5, 20));
  await turn();
  assert.equal(questions.length, 1);
  questions[0]?.resolve(25);
  assert.deepEqual(new Set(await Promise.all(reads)), new Set([20]));
});

test("who came after the question was put asks again if it was not enough", async () => {
  const { indexing, questions } = asked();
  const reads = [indexing.readable(0, 20), indexing.readable(0, 30)];
  await turn();
  questions[0]?.resolve(20);
  await turn();
  assert.equal(questions.length, 2);
  questions[1]?.resolve(30);
  assert.deepEqual(await Promise.all(reads), [20, 30]);
});

// Each of ten thousand readers on a full disk would have had the file opened again once a second.
test("on a full disk a part is read at once, and the rest is one question a pause", async () => {
  const { indexing, questions, pauses } = asked();
  indexing.reached(10);
  const part = indexing.readable(0, 20);
  const rest = Array.from({ length: 1000 }, () => indexing.readable(10, 20));
  await turn();
  questions[0]?.reject(FULL);
  assert.equal(await part, 10);
  const late = indexing.readable(10, 20);
  await turn();
  assert.equal(questions.length, 1, "not before the pause is over");
  pauses[0]?.resolve();
  await turn();
  assert.equal(questions.length, 2);
  questions[1]?.resolve(20);
  assert.deepEqual(new Set(await Promise.all([late, ...rest])), new Set([20]));
});

test("when the log is closed, who waits is told so", async () => {
  const { indexing, questions, pauses } = asked();
  const read = indexing.readable(0, 20);
  await turn();
  questions[0]?.reject(FULL);
  await turn();
  indexing.close();
  pauses[0]?.resolve();
  await turn();
  questions[1]?.reject(FULL);
  await assert.rejects(read, new ChatError("log-unavailable", FULL.message));
});
