// --trusted-proxy: whom a proxy names is who is there, for every limit; nobody else is believed.

import assert from "node:assert/strict";
import { Buffer } from "node:buffer";
import { networkInterfaces } from "node:os";
import { test } from "node:test";
import { LineClient } from "./harness/line-client.ts";
import { play } from "./harness/play.ts";
import { OPEN, TestServer } from "./harness/server.ts";
import { ONE } from "./harness/tls-files.ts";

const TRUST = [...OPEN, "--trusted-proxy", "127.0.0.1"];
const FROM = "PROXY TCP4 192.0.2.1 127.0.0.1 4711 8080\r\n";
const FROM_LOOPBACK = "PROXY TCP4 127.0.0.9 127.0.0.1 4711 8080\r\n";

/** Headers that name nobody: a proxy's own connection, such as a health check, or a client without an address. */
const UNKNOWN = Buffer.from("PROXY UNKNOWN\r\n");
const LOCAL = Buffer.from("\r\n\r\n\0\r\nQUIT\n\x20\0\0\0", "latin1");
const UNIX = Buffer.concat([
  Buffer.from("\r\n\r\n\0\r\nQUIT\n\x21\x31\0\xd8", "latin1"),
  Buffer.alloc(216),
]);

const REQUIRED = [
  ...OPEN,
  "--tls",
  "required",
  "--tls-cert",
  ONE.certFile,
  "--tls-key",
  ONE.keyFile,
];

test("a proxy's header comes before the first bytes, wherever they are split", async (t) => {
  const server = await TestServer.start(t, { args: TRUST });
  const whole = Buffer.from(`${FROM}alice\nalice: hi\n`);
  for (let at = 1; at < whole.length; at += 1) {
    const said = await play(server.port, whole.subarray(0, at), whole.subarray(at));
    assert.equal(said.toString(), "from alice: hi\n");
  }
});

test("a proxy need not send a header", async (t) => {
  const server = await TestServer.start(t, { args: TRUST });
  assert.equal((await play(server.port, "alice\nalice: hi\n")).toString(), "from alice: hi\n");
});

test("version 2 comes before HTTP too", async (t) => {
  const server = await TestServer.start(t, { args: TRUST });
  const request = "GET /health/live HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n";
  assert.match((await play(server.port, LOCAL, request)).toString(), /^HTTP\/1\.1 200 OK/);
});

test("a header that is none ends the connection", async (t) => {
  const server = await TestServer.start(t, { args: TRUST });
  assert.equal((await play(server.port, "PROXY TCP9 nonsense\r\nalice\n")).length, 0);
});

test("from anybody else a header is a bad name", async (t) => {
  const server = await TestServer.start(t);
  assert.match((await play(server.port, `${FROM}alice\n`)).toString(), /^! bad-name /);
});

test("connections are counted for the client, not for the proxy", async (t) => {
  const server = await TestServer.start(t, {
    args: [...TRUST, "--max-connections-per-address", "1"],
  });
  const alice = server.connect(t).write(FROM);
  await alice.login("alice");
  const second = server.connect(t).write(`${FROM}bob\n`);
  await second.end();
  assert.deepEqual(second.lines, [
    "! too-many-connections your address 192.0.2.1 has as many connections as it may have",
  ]);
  const other = server.connect(t).write(FROM.replace("192.0.2.1", "192.0.2.2"));
  await other.login("carol");
  alice.say("carol: hi");
  await other.expect("from alice: hi");
});

// Whom a proxy names was counted with his first byte: as long as he said nothing, one address could take all places
// that there are, and keep each for the login time.
test("whom a proxy names counts before he says anything", async (t) => {
  const args = [...TRUST, "--max-connections-per-address", "1"];
  const server = await TestServer.start(t, { args });
  const silent = [server.connect(t).write(FROM), server.connect(t).write(FROM)];
  await Promise.race(silent.map((client) => client.end()));
  assert.deepEqual(
    silent.flatMap(({ lines }) => lines),
    ["! too-many-connections your address 192.0.2.1 has as many connections as it may have"],
  );
  const json = await play(server.port, `${FROM}{"login":"alice"}\n`);
  assert.match(json.toString(), /^\{"error":\{"code":"too-many-connections",.*\}\}\n$/);
});

test("what is allowed to loopback is judged by the client's address", async (t) => {
  const server = await TestServer.start(t, { args: [...TRUST, ...REQUIRED] });
  assert.match((await play(server.port, `${FROM}alice\n`)).toString(), /^! tls-required /);
  // Each in the words of his protocol.
  const json = (await play(server.port, `${FROM}{"login":"alice"}\n`)).toString();
  assert.match(json, /^\{"error":\{"code":"tls-required",.*\}\}\n$/);
  assert.equal(
    (await play(server.port, `${FROM_LOOPBACK}alice\nalice: hi\n`)).toString(),
    "from alice: hi\n",
  );
});

test("whom a proxy does not name is not taken for somebody on this machine", async (t) => {
  // He had the proxy's own address, and with it what is allowed to loopback: open names, and plain text.
  const accounts = ["--open-names", "loopback", "--trusted-proxy", "127.0.0.1"];
  const server = await TestServer.start(t, { args: accounts });
  for (const header of [UNKNOWN, LOCAL, UNIX, Buffer.alloc(0)]) {
    assert.match((await play(server.port, header, "alice\n")).toString(), /^! account-required /);
  }
  const named = await play(server.port, `${FROM_LOOPBACK}alice\nalice: hi\n`);
  assert.equal(named.toString(), "from alice: hi\n");
});

test("a request is of the client that X-Forwarded-For names", async (t) => {
  const server = await TestServer.start(t, { args: [...TRUST, ...REQUIRED] });
  const ask = async (headers: Record<string, string>): Promise<number> =>
    (await fetch(`http://127.0.0.1:${server.port}/health/live`, { headers })).status;
  assert.equal(await ask({ "X-Forwarded-For": "127.0.0.9" }), 200);
  assert.equal(await ask({}), 403);
  assert.equal(await ask({ "X-Forwarded-For": "127.0.0.9, unknown" }), 403);
  assert.equal(await ask({ "X-Forwarded-For": "192.0.2.1" }), 403);
  assert.equal(await ask({ "X-Forwarded-For": "192.0.2.1", "X-Forwarded-Proto": "https" }), 200);
});

const own = Object.values(networkInterfaces())
  .flat()
  .find((address) => address?.family === "IPv4" && !address.internal)?.address;

test(
  "from anybody else X-Forwarded-For counts for nothing",
  { skip: own === undefined && "this machine has only loopback addresses" },
  async (t) => {
    const server = await TestServer.start(t, { args: [...REQUIRED, "--listen", `${own}:0`] });
    const answer = await fetch(`http://${own}:${server.ports[1]}/health/live`, {
      headers: { "X-Forwarded-For": "127.0.0.1", "X-Forwarded-Proto": "https" },
    });
    assert.equal(answer.status, 403);
    await answer.text();
    const line = LineClient.connect(t, server.ports[1] as number, own).write(FROM_LOOPBACK);
    await line.end();
    assert.match(line.lines[0] ?? "", /^! tls-required /);
  },
);
