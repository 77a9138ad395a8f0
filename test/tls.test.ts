// TLS on the same port: the protocols inside it, --tls, and certificates that are renewed.

import assert from "node:assert/strict";
import { once } from "node:events";
import { copyFileSync, writeFileSync } from "node:fs";
import { networkInterfaces } from "node:os";
import { join } from "node:path";
import { test, type TestContext } from "node:test";
import { connect as connectTls, type TLSSocket } from "node:tls";
import { partyline } from "./harness/command.ts";
import { LineClient } from "./harness/line-client.ts";
import { temporaryFolder, OPEN, TestServer } from "./harness/server.ts";
import { ONE, type TestCertificate, TWO } from "./harness/tls-files.ts";

const WITH_TLS = ["--tls-cert", ONE.certFile, "--tls-key", ONE.keyFile];

/** Known to Node, and not to its types. */
const HALF_OPEN = { allowHalfOpen: true };

async function connectInside(t: TestContext, port: number, host = "127.0.0.1"): Promise<TLSSocket> {
  const socket = connectTls({ ...HALF_OPEN, port, host, rejectUnauthorized: false });
  t.after(() => socket.destroy());
  socket.on("error", () => {});
  await once(socket, "secureConnect");
  return socket;
}

function commonName(socket: TLSSocket): unknown {
  return socket.getPeerCertificate().subject.CN;
}

/** An address of this machine that is not loopback. */
const own = Object.values(networkInterfaces())
  .flat()
  .find((address) => address?.family === "IPv4" && !address.internal)?.address;
const elsewhere = { skip: own === undefined && "this machine has only loopback addresses" };

test("the line protocol inside TLS is the same, beside plain text on the same port", async (t) => {
  const server = await TestServer.start(t, { args: WITH_TLS });
  const alice = LineClient.over(await connectInside(t, server.port));
  const bob = await server.login(t, "bob");
  await alice.login("alice");
  alice.say("bob: 你好");
  await bob.expect("from alice: 你好");
  bob.say("alice: hi");
  await alice.expect("from bob: hi");
});

test("what waits is delivered inside TLS once, and the end is an end", async (t) => {
  const server = await TestServer.start(t, { args: WITH_TLS });
  const bob = await server.login(t, "bob");
  const line = `alice: ${"x".repeat(60_000)}`;
  // His end comes when all of it is committed.
  bob.say(...Array.from({ length: 50 }, () => line)).finish();
  await bob.end();
  const alice = LineClient.over(await connectInside(t, server.port))
    .say("alice")
    .finish();
  await alice.end();
  assert.equal(alice.lines.length, 50);
  const again = LineClient.over(await connectInside(t, server.port))
    .say("alice")
    .finish();
  await again.end();
  assert.deepEqual(again.lines, []);
});

test("inside TLS is looked once: TLS in TLS is refused", async (t) => {
  const server = await TestServer.start(t, { args: WITH_TLS });
  const client = LineClient.over(await connectInside(t, server.port)).write("\x16\x03\x01");
  await client.end();
  assert.deepEqual(client.lines, ["! no-tls this server does not speak TLS"]);
});

test("who says nothing inside TLS is told nothing, and closed after the login time", async (t) => {
  const server = await TestServer.start(t, { args: [...WITH_TLS, "--login-time", "400ms"] });
  const client = LineClient.over(await connectInside(t, server.port));
  await client.end();
  assert.deepEqual(client.lines, []);
});

test("a handshake that is not finished is closed after the login time", async (t) => {
  const server = await TestServer.start(t, { args: [...WITH_TLS, "--login-time", "400ms"] });
  const client = server.connect(t).write("\x16\x03\x01\x02\x00\x01");
  await client.end();
});

test("a handshake that is nonsense ends its connection and nothing else", async (t) => {
  const server = await TestServer.start(t, { args: WITH_TLS });
  const client = server.connect(t).write("\x16\x03\x01\x00\x05nonsense and more of it");
  await client.end();
  await server.login(t, "alice");
  assert.doesNotMatch(server.errors(), /"level":[456]0/);
});

test("without a certificate a client that begins TLS is told so", async (t) => {
  const server = await TestServer.start(t);
  const client = server.connect(t).write("\x16\x03\x01\x02\x00\x01");
  await client.end();
  assert.deepEqual(client.lines, ["! no-tls this server does not speak TLS"]);
});

test("--tls off uses no certificate", async (t) => {
  const server = await TestServer.start(t, { args: [...WITH_TLS, "--tls", "off"] });
  const client = server.connect(t).write("\x16\x03\x01");
  await client.end();
  assert.match(client.lines[0] ?? "", /^! no-tls /);
});

test("--tls required takes plain text from loopback only", elsewhere, async (t) => {
  const server = await TestServer.start(t, {
    args: [...WITH_TLS, ...OPEN, "--tls", "required", "--listen", `${own}:0`],
  });
  const port = server.ports[1] as number;
  const alice = await server.login(t, "alice");
  const plain = LineClient.connect(t, port, own).say("bob");
  await plain.end();
  assert.deepEqual(plain.lines, [
    "! tls-required connect with TLS: this server takes no plain text",
  ]);
  const answer = await fetch(`http://${own}:${port}/health/live`);
  assert.equal(answer.status, 403);
  assert.match(await answer.text(), /^! tls-required /);
  const bob = LineClient.over(await connectInside(t, port, own));
  await bob.login("bob");
  bob.say("alice: hi");
  await alice.expect("from bob: hi");
});

for (const [what, args, line] of [
  ["--tls required without a certificate", ["--tls", "required"], /needs --tls-cert and --tls-key/],
  ["a certificate without its key", ["--tls-cert", ONE.certFile], /--tls-key/],
  ["a key without its certificate", ["--tls-key", ONE.keyFile], /--tls-cert/],
  [
    "a certificate with the key of another",
    ["--tls-cert", ONE.certFile, "--tls-key", TWO.keyFile],
    /cannot be used/,
  ],
  [
    "a certificate that is not there",
    ["--tls-cert", "/nowhere/cert.pem", "--tls-key", ONE.keyFile],
    /cannot read the certificate \/nowhere\/cert\.pem/,
  ],
] as const) {
  test(`${what} is one line, and no server`, async (t) => {
    const data = ["--data", temporaryFolder(t), "--listen", "127.0.0.1:0"];
    const { code, stdout, stderr } = await partyline("serve", ...data, ...args);
    assert.ok(code === 1 || code === 2);
    assert.equal(stdout, "");
    assert.match(stderr, /^partyline: [^\n]+\n$/);
    assert.match(stderr, line);
  });
}

/** A server whose certificate is in files that can be replaced. */
async function renewable(t: TestContext) {
  const folder = temporaryFolder(t);
  const [cert, key] = [join(folder, "cert.pem"), join(folder, "key.pem")];
  const install = (from: TestCertificate): void => {
    copyFileSync(from.certFile, cert);
    copyFileSync(from.keyFile, key);
  };
  install(ONE);
  const server = await TestServer.start(t, { args: ["--tls-cert", cert, "--tls-key", key] });
  const reload = async (answer: RegExp): Promise<void> => {
    server.child.kill("SIGHUP");
    while (!answer.test(server.errors()))
      await once(server.child.stderr as NodeJS.ReadableStream, "data");
  };
  return { server, cert, install, reload };
}

test("SIGHUP takes a new certificate, and no connection notices", async (t) => {
  const { server, install, reload } = await renewable(t);
  const before = await connectInside(t, server.port);
  const alice = LineClient.over(before);
  await alice.login("alice");
  assert.equal(commonName(before), "one");
  install(TWO);
  await reload(/the certificate was read again/);
  assert.equal(commonName(await connectInside(t, server.port)), "two");
  alice.say("alice: still here");
  await alice.expect("from alice: still here");
});

test("SIGHUP with files that cannot be used is one line, and the old ones stay", async (t) => {
  const { server, cert, reload } = await renewable(t);
  writeFileSync(cert, "not a certificate");
  await reload(/cannot be used/);
  assert.equal(server.errors().match(/"level":50/g)?.length, 1);
  assert.equal(commonName(await connectInside(t, server.port)), "one");
  await server.login(t, "alice");
});
