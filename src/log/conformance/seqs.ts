// What every log must keep of its seqs, whatever copy of it somebody puts back: no seq is used twice.

import assert from "node:assert/strict";
import { describe, it, type TestContext } from "node:test";
import { ALL, Appender, login, type LogPlace, send } from "./appender.ts";

/** What a visit to a log said, and at which seq. */
interface Visit {
  readonly seq: number;
  readonly opened: number;
}

/** Opens a log, says something to bob, and closes it. */
async function visit(where: LogPlace, body: string): Promise<Visit> {
  const log = await where.open();
  const { head } = await new Appender(log).append({
    logins: login("alice", "bob"),
    sends: [send("alice", ["bob"], body)],
  });
  await log.close();
  return { seq: head, opened: log.head };
}

async function found(where: LogPlace, words: string): Promise<readonly string[]> {
  const log = await where.open();
  const { messages } = await log.search({ key: "bob", words, below: ALL, count: 10 });
  await log.close();
  return messages.map(({ bodies }) => bodies);
}

function placeOf(t: TestContext, place: () => LogPlace): LogPlace {
  const where = place();
  t.after(() => where.remove());
  return where;
}

/** What was said before a copy of a log was made, after it in the log that is lost, and in the copy that was put back. */
async function putBackCopy(
  where: LogPlace,
): Promise<{ readonly before: Visit; readonly lost: Visit; readonly after: Visit }> {
  const before = await visit(where, "before");
  const putBack = where.copy();
  const lost = await visit(where, "lost");
  putBack();
  return { before, lost, after: await visit(where, "after") };
}

export function seqConformance(engine: string, place: () => LogPlace): void {
  describe(`${engine}: seqs`, () => {
    it("begins a new log with 1", async (t) => {
      assert.equal((await visit(placeOf(t, place), "hi")).seq, 1);
    });

    it("uses no seq twice when an older copy is put back", async (t) => {
      // Numbering went on where the copy ended. Who had the messages of the other log, and said so, was not
      // given the new ones, whose seqs were below his.
      const where = placeOf(t, place);
      const { before, lost, after } = await putBackCopy(where);
      assert.ok(after.seq > lost.seq, `${after.seq} > ${lost.seq}`);
      const log = await where.open();
      const { deliveries, position } = await log.waiting("bob", lost.seq, log.head, ALL, false);
      assert.deepEqual(
        deliveries.map((run) => "bodies" in run && [run.first, run.bodies]),
        [[after.seq, "after"]],
      );
      assert.equal(position, log.head);
      const all = await log.waiting("bob", 0, log.head, ALL, false);
      assert.deepEqual(
        all.deliveries.map((run) => "bodies" in run && [run.first, run.bodies]),
        [
          [before.seq, "before"],
          [after.seq, "after"],
        ],
      );
      await log.close();
    });

    it("uses no seq twice when an empty copy is put back", async (t) => {
      const where = placeOf(t, place);
      await (await where.open()).close();
      const putBack = where.copy();
      const { seq } = await visit(where, "lost");
      putBack();
      assert.ok((await visit(where, "after")).seq > seq);
    });

    it("has a head that no client has seen anything above, once it is opened again", async (t) => {
      const where = placeOf(t, place);
      const { seq } = await visit(where, "one");
      assert.ok((await visit(where, "two")).opened >= seq);
    });

    it("goes on above what it has used when the clock was set back", async (t) => {
      const where = placeOf(t, place);
      t.mock.timers.enable({ apis: ["Date"], now: Date.UTC(2030, 0, 1) });
      await visit(where, "one");
      const { seq } = await visit(where, "two");
      t.mock.timers.setTime(Date.UTC(2027, 0, 1));
      assert.equal((await visit(where, "three")).seq, seq + 1);
    });

    it("knows the seqs of another copy, which it has never given, and whoever has seen them by them", async (t) => {
      // They were not above its head any more, and what else was lost with that copy was missed in silence.
      const where = placeOf(t, place);
      const { before, lost, after } = await putBackCopy(where);
      const idle = await where.open();
      await new Appender(idle).append({ logins: login("carol") });
      await idle.close();
      const log = await where.open();
      t.after(() => log.close());
      assert.equal(log.neverGiven(lost.seq), after.opened);
      for (const { seq, opened } of [before, after]) {
        for (const mine of [seq, opened]) assert.equal(log.neverGiven(mine), undefined);
      }
      assert.equal(log.neverGiven(idle.head), undefined, "somebody may have been there");
      assert.equal(log.neverGiven(log.head), undefined);
    });

    it("knows the seqs of a copy that went on, also when it was copied while it was open", async (t) => {
      // The disk was put back to a snapshot of a running server. What that had reserved, and the other copy had
      // used since, was taken for its own, and what was lost with that copy was missed in silence.
      const where = placeOf(t, place);
      const log = await where.open();
      const appender = new Appender(log);
      const say = (body: string) => appender.append({ sends: [send("alice", ["bob"], body)] });
      const { head: before } = await say("before");
      const putBack = where.copy();
      const { head: lost } = await say("lost");
      await log.close();
      putBack();
      const after = await visit(where, "after");
      const again = await where.open();
      t.after(() => again.close());
      assert.equal(again.neverGiven(lost), after.opened);
      for (const mine of [before, after.seq, again.head]) {
        assert.equal(again.neverGiven(mine), undefined);
      }
    });

    it("finds what is in the copy that was put back, and nothing else", async (t) => {
      // The index had got further with another copy, and took what it had not seen for searched.
      const where = placeOf(t, place);
      await visit(where, "a first word");
      const putBackOlder = where.copy();
      await visit(where, "a second word");
      const putBackNewer = where.copy();
      putBackOlder();
      await visit(where, "a third word");
      assert.deepEqual(await found(where, "word"), ["a third word", "a first word"]);
      putBackNewer();
      assert.deepEqual(await found(where, "word"), ["a second word", "a first word"]);
      putBackOlder();
      assert.deepEqual(await found(where, "word"), ["a first word"]);
    });
  });
}
