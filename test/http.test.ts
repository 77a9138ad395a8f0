// HTTP on the same port: health, metrics, and what asks too much of it.

import assert from "node:assert/strict";
import { Buffer } from "node:buffer";
import { once } from "node:events";
import { Agent, get } from "node:http";
import { connect, type Socket } from "node:net";
import { after, test, type TestContext } from "node:test";
import { play } from "./harness/play.ts";
import { TestServer } from "./harness/server.ts";

const server = await TestServer.start({ after });

async function ask(path: string, port = server.port): Promise<{ status: number; body: string }> {
  const answer = await fetch(`http://127.0.0.1:${port}${path}`);
  return { status: answer.status, body: await answer.text() };
}

function open(t: TestContext, port: number): Socket {
  const socket = connect({ port, host: "127.0.0.1", noDelay: true, allowHalfOpen: true });
  socket.on("error", () => {});
  t.after(() => socket.destroy());
  return socket;
}

/** The value of a metric, with its labels as they are written. */
function value(metrics: string, name: string): number {
  const line = metrics.split("\n").find((each) => each.startsWith(`${name} `));
  return Number(line?.slice(name.length + 1) ?? assert.fail(`no ${name}`));
}

test("a server that runs is live and ready", async () => {
  assert.deepEqual(await ask("/health/live"), { status: 200, body: "live\n" });
  assert.deepEqual(await ask("/health/ready"), { status: 200, body: "ready\n" });
});

test("a query does not change where a page is", async () => {
  assert.equal((await ask("/health/live?probe=1")).status, 200);
});

test("where nothing is, one line says what there is", async () => {
  const { status, body } = await ask("/nowhere");
  assert.equal(status, 404);
  assert.equal(body, "nothing is here; there is /, /health/live, /health/ready, /metrics\n");
});

test("a request is understood wherever it is split", async () => {
  const request = Buffer.from("GET /health/live HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n");
  for (let at = 1; at < request.length; at += 1) {
    const answer = await play(server.port, request.subarray(0, at), request.subarray(at));
    assert.match(answer.toString(), /^HTTP\/1\.1 200 OK\r\n[^]*\r\n\r\nlive\n$/);
  }
});

test("a connection may ask several times, also without waiting for the answers", async () => {
  const ask = "GET /health/live HTTP/1.1\r\nHost: x\r\n\r\n";
  const answer = await play(server.port, ask + ask, ask);
  assert.equal(answer.toString().match(/live\n/g)?.length, 3);
});

test("HEAD gets no body, other methods are told which there are", async () => {
  const head = await fetch(`http://127.0.0.1:${server.port}/health/live`, { method: "HEAD" });
  assert.equal(head.status, 200);
  assert.equal(await head.text(), "");
  const post = await fetch(`http://127.0.0.1:${server.port}/health/live`, {
    method: "POST",
    body: "x".repeat(100_000),
  });
  assert.equal(post.status, 405);
  assert.equal(post.headers.get("allow"), "GET, HEAD");
});

test("a request for another protocol than WebSocket is a request", async () => {
  const answer = await play(
    server.port,
    "GET /health/live HTTP/1.1\r\nHost: x\r\nConnection: Upgrade, close\r\nUpgrade: h2c\r\n\r\n",
  );
  assert.match(answer.toString(), /^HTTP\/1\.1 200 OK/);
});

test("headers over 16 KiB are refused, and the server goes on", async () => {
  const answer = await play(server.port, `GET /health/live HTTP/1.1\r\nX: ${"x".repeat(20_000)}`);
  assert.match(answer.toString(), /^HTTP\/1\.1 431 /);
  assert.equal((await ask("/health/live")).status, 200);
});

test("what only begins like HTTP is answered and closed", async () => {
  assert.match((await play(server.port, "GET \0\r\n\r\n")).toString(), /^HTTP\/1\.1 400 /);
  assert.match(
    (await play(server.port, "PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n")).toString(),
    /^HTTP\/1\.1 [45]/,
  );
});

test("metrics tell who is there and what was said", async (t) => {
  const counted = await TestServer.start(t);
  const alice = await counted.login(t, "alice");
  const bob = await counted.login(t, "bob");
  counted.connect(t).write("half a na");
  alice.say("bob: one", "bob, alice: two", "nobody here: three");
  await bob.take(2);
  await alice.barrier();
  const answer = await fetch(`http://127.0.0.1:${counted.port}/metrics`);
  const text = await answer.text();
  assert.match(answer.headers.get("content-type") ?? "", /^text\/plain; version=0\.0\.4/);
  assert.equal(value(text, 'partyline_connections{protocol="http"}'), 1);
  assert.equal(value(text, 'partyline_connections{protocol="line"}'), 3);
  assert.equal(value(text, 'partyline_peers{protocol="line",state="live"}'), 2);
  assert.equal(value(text, 'partyline_peers{protocol="line",state="greeting"}'), 1);
  assert.equal(value(text, "partyline_slowest_peer_behind_seqs"), 0);
  assert.equal(value(text, "partyline_accepted_total"), 3);
  assert.equal(value(text, "partyline_delivered_total"), 3);
  assert.equal(value(text, 'partyline_refused_total{code="bad-name"}'), 1);
  assert.equal(value(text, "partyline_commit_messages_sum"), 3);
  assert.ok(value(text, "partyline_commit_seconds_count") >= 1);
  assert.ok(value(text, "partyline_log_bytes") > 0);
  assert.ok(value(text, "partyline_log_head") >= 3);
  assert.equal(value(text, "partyline_log_writable"), 1);
  assert.ok(value(text, "nodejs_eventloop_lag_p99_seconds") > 0);
});

test("metrics with an address of their own are not on the others", async (t) => {
  const apart = await TestServer.start(t, { args: ["--metrics-listen", "127.0.0.1:0"] });
  const port = apart.metricsPort;
  assert.deepEqual(await ask("/health/ready", port), { status: 200, body: "ready\n" });
  assert.match((await ask("/metrics", port)).body, /^partyline_accepted_total 0$/m);
  for (const path of ["/metrics", "/health/live", "/health/ready"]) {
    assert.deepEqual(await ask(path, apart.port), {
      status: 404,
      body: "nothing is here; there is /\n",
    });
  }
});

test("headers that come too slowly are cut at the login time, the second request's too", async (t) => {
  const strict = await TestServer.start(t, { args: ["--login-time", "400ms"] });
  for (const before of ["", "GET /health/live HTTP/1.1\r\nHost: x\r\n\r\n"]) {
    const began = performance.now();
    const socket = open(t, strict.port);
    socket.write(`${before}GET /health/live HTTP/1.1\r\n`);
    const dripping = setInterval(() => socket.write("X: y\r\n"), 20);
    t.after(() => clearInterval(dripping));
    await new Promise((resolve) => socket.resume().on("close", resolve));
    clearInterval(dripping);
    const took = performance.now() - began;
    // Long before the end of what an answer, or a kept connection, may take.
    assert.ok(took > 350 && took < 4000, `${took} ms`);
  }
});

test("a server that drains is not ready, and a kept connection does not hold it", async (t) => {
  const draining = await TestServer.start(t, {
    args: ["--metrics-listen", "127.0.0.1:0", "--shutdown-time", "1m"],
  });
  const port = draining.metricsPort;
  // Somebody who reads nothing holds the shutdown.
  const deaf = await draining.login(t, "deaf");
  deaf.socket.pause();
  await play(draining.port, `talker\n${`deaf: ${"x".repeat(60_000)}\n`.repeat(300)}`);
  const agent = new Agent({ keepAlive: true });
  t.after(() => agent.destroy());
  const kept = get({ agent, port: draining.port, path: "/nowhere" });
  const [answer] = (await once(kept, "response")) as [NodeJS.ReadableStream];
  await once(answer.resume(), "end");
  const closed = once(kept.socket as Socket, "close");
  const began = performance.now();
  draining.child.kill("SIGTERM");
  await closed;
  assert.ok(performance.now() - began < 4000);
  assert.deepEqual(await ask("/health/ready", port), {
    status: 503,
    body: "not ready: stopping\n",
  });
  assert.equal((await ask("/health/live", port)).status, 200);
  deaf.socket.resume();
  const [code] = (await once(draining.child, "exit")) as [number];
  assert.equal(code, 0);
});
