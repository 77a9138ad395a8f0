// The browser client against the real server: what two people see of each other.

import assert from "node:assert/strict";
import { test } from "node:test";
import { goTo, inBrowser, message, Person, say, shows } from "../harness/browser.ts";
import { TestServer } from "../harness/server.ts";

test("two people talk to each other and in a room", inBrowser, async (t) => {
  const server = await TestServer.start(t);
  const [alice, bob] = await Promise.all(
    ["alice", "bob"].map((name) => Person.start(t, server.port, name)),
  );
  assert.ok(alice !== undefined && bob !== undefined);
  const hers = await alice.enter();
  const his = await bob.enter();
  await goTo(hers, "bob");
  await say(hers, "hi bob");
  await message(hers, "hi bob").getByText("sent").waitFor({ state: "attached" });
  await his.getByRole("link", { name: /alice.*1 unread, for you/ }).click();
  await shows(his, ["alice: hi bob"]);
  await say(his, "hi alice");
  await shows(hers, ["alice: hi bob", "bob: hi alice"]);

  await goTo(hers, "#ops");
  await goTo(his, "#ops");
  await his.getByText("1 member", { exact: true }).waitFor({ state: "hidden" });
  await say(his, "from the room");
  await shows(hers, ["bob: from the room"]);
  await hers.getByRole("complementary", { name: "Members" }).getByText("bob").waitFor();
  assert.deepEqual([...alice.troubles, ...bob.troubles], []);
});

test(
  "the server is killed in mid-conversation, and nothing is lost, doubled, or out of order",
  inBrowser,
  async (t) => {
    const server = await TestServer.start(t);
    const alice = await Person.start(t, server.port, "alice");
    const bob = await Person.start(t, server.port, "bob");
    const [hers, his] = [await alice.enter(), await bob.enter()];
    await goTo(hers, "bob");
    await goTo(his, "alice");
    await say(hers, "one");
    await shows(his, ["alice: one"]);
    await server.end("SIGKILL");
    await say(hers, "two");
    await say(hers, "three");
    await say(his, "four");
    await shows(hers, ["alice: one", "alice: two [waiting]", "alice: three [waiting]"]);
    await hers
      .getByText(/No connection/)
      .first()
      .waitFor();
    await TestServer.start(t, { data: server.data, port: server.port });
    for (const page of [hers, his]) {
      await page
        .getByText(/No connection/)
        .first()
        .waitFor({ state: "hidden" });
    }
    const all = (page: typeof hers) => page.locator(".message .body").allTextContents();
    await message(hers, "four").waitFor();
    await message(his, "three").waitFor();
    for (const page of [hers, his]) {
      const bodies = await all(page);
      assert.equal(bodies[0], "one");
      assert.deepEqual(bodies.toSorted(), ["four", "one", "three", "two"]);
      assert.ok(bodies.indexOf("two") < bodies.indexOf("three"));
    }
    assert.equal(await hers.getByText("waiting", { exact: true }).count(), 0);
    assert.deepEqual([...alice.troubles, ...bob.troubles], []);
  },
);

test(
  "what is written offline is kept when the tab is closed, and sent once when it is back",
  inBrowser,
  async (t) => {
    const server = await TestServer.start(t);
    const alice = await Person.start(t, server.port, "alice");
    const first = await alice.enter();
    await goTo(first, "bob");
    await say(first, "before");
    await message(first, "before").getByText("sent").waitFor({ state: "attached" });
    // The page itself must be in the browser by now.
    await first.evaluate(() => navigator.serviceWorker.ready.then(() => {}));
    await server.end("SIGKILL");
    await say(first, "offline one");
    await say(first, "offline two");
    await message(first, "offline two").getByText("waiting").waitFor();
    await first.close();
    const second = await alice.open("bob");
    await message(second, "before").waitFor();
    await message(second, "offline two").getByText("waiting").waitFor();
    await say(second, "offline three");
    await message(second, "offline three").getByText("waiting").waitFor();
    const next = await TestServer.start(t, { data: server.data, port: server.port });
    await shows(
      second,
      ["before", "offline one", "offline two", "offline three"].map((body) => `alice: ${body}`),
    );
    const bob = await next.login(t, "bob");
    await bob.expect(
      ...["before", "offline one", "offline two", "offline three"].map(
        (body) => `from alice: ${body}`,
      ),
    );
    assert.deepEqual(alice.troubles, []);
  },
);

test("two tabs of one name share one outbox", inBrowser, async (t) => {
  const server = await TestServer.start(t);
  const bob = await server.login(t, "bob");
  const alice = await Person.start(t, server.port, "alice");
  const first = await alice.enter();
  await goTo(first, "bob");
  const second = await alice.open("bob");
  await say(first, "from the first");
  await shows(second, ["alice: from the first"]);
  await say(second, "from the second");
  await shows(first, ["alice: from the first", "alice: from the second"]);
  bob.say("alice: I see");
  for (const page of [first, second]) await message(page, "I see").waitFor();
  await first.close();
  await say(second, "alone");
  await bob.expect(
    "from alice: from the first",
    "from alice: from the second",
    "from alice: alone",
  );
  assert.deepEqual(alice.troubles, []);
});
