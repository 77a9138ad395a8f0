// What everybody must have got in the end: every send that resolved once, in order, at everybody it is for;
// every refused one never; and nothing else.

import assert from "node:assert/strict";
import type { Party, Sent } from "./client.ts";

/** What each recipient of a send would get, if it is for this party. */
function textsFor({ name, device, rooms }: Party, sender: Party, { to, body }: Sent): string[] {
  const isOwn = sender.device === device;
  const isOtherDevice = sender.name === name && !isOwn;
  return to
    .filter((one) => isOtherDevice || one === name || (!isOwn && rooms.has(one)))
    .map((one) => `${one} ${body}`);
}

export function checkAll(parties: readonly Party[]): void {
  for (const party of parties) checkOne(party, parties);
}

function checkOne(party: Party, all: readonly Party[]): void {
  const { device } = party;
  const must = new Map<string, Sent>();
  const may = new Map<string, Sent>();
  for (const sender of all) {
    for (const sent of sender.sent) {
      assert.ok(sent.outcome !== undefined, `${sent.body} is decided`);
      if (sent.isBad || (sent.outcome !== "sent" && sent.outcome !== "perhaps")) continue;
      const due = sent.outcome === "sent" ? must : may;
      for (const text of textsFor(party, sender, sent)) due.set(text, sent);
    }
  }
  const last = new Map<string, number>();
  let before = 0;
  for (const { seq, text } of party.got) {
    assert.ok(seq > before, `${device}: ${seq} came after ${before}`);
    before = seq;
    if (text.startsWith("* ")) continue;
    const sent = must.get(text) ?? may.get(text);
    assert.ok(sent, `${device} got what is not for it, or got it twice: ${text}`);
    must.delete(text);
    may.delete(text);
    const [to = "", from = "", number] = text.split(" ");
    assert.equal(seq, sent.seqs?.[to] ?? seq, `${device} got ${text} with the seq that was told`);
    assert.ok(Number(number) >= (last.get(from) ?? -1), `${device}: out of order: ${text}`);
    last.set(from, Number(number));
  }
  assert.deepEqual([...must.keys()], [], `${device} has got everything`);
}
