import assert from "node:assert/strict";
import { once } from "node:events";
import { connect, createServer, Socket, type AddressInfo } from "node:net";
import { endianness } from "node:os";
import { test, type TestContext } from "node:test";
import {
  openTcpTable,
  parseTcpRows,
  TCP_STATE,
  tcpKey,
  type TcpRow,
  type TcpTable,
} from "./tcp-table.ts";

// Real lines of a little-endian machine: what waits and what was sent again differ, the rest is theirs.
const HEADER =
  "  sl  local_address rem_address   st tx_queue rx_queue tr tm->when retrnsmt   uid  timeout inode                                                     \n";
const HEADER_6 =
  "  sl  local_address                         remote_address                        st tx_queue rx_queue tr tm->when retrnsmt   uid  timeout inode\n";
const LISTENING =
  "   0: 0100090A:1BBC 00000000:0000 0A 00000000:00000000 00:00000000 00000000     0        0 237142 1 00000000c8dd1df0 100 0 0 10 0                    \n";
const SLOW =
  "   1: 0100090A:1BBC 0200090A:AD56 01 000BAA80:00000000 04:000002E0 00000000     0        0 237554 2 00000000f96ca6ab 23 0 0 109 -1                   \n";
const GONE =
  "12345: 0100090A:1BBC 0200090A:C001 01 00000032:00000000 01:00000A1B 00000007 165534        0 237555 2 00000000f96ca6ab 2611 0 0 1 7                   \n";
const GONE_WHILE_FULL =
  "   3: 0100090A:1BBC 0200090A:C002 01 0001B96C:00000000 04:00000533 00000000  1000        2 234903 2 000000005b8a2843 20 0 0 19 -1                    \n";
const TIME_WAIT =
  "   4: 0100090A:1BBC 0200090A:C003 06 00000000:00000000 03:00001766 00000000     0        0 0 3 000000005b8a2844                                      \n";
const MAPPED =
  "   1: 0000000000000000FFFF00000100007F:ADAB 0000000000000000FFFF00000100007F:AC46 01 00000005:00000000 01:00000010 00000000     0        0 242119 1 0000000041e7c999 20 0 0 10 -1\n";
const IPV6 =
  "   3: 00000000000000000000000001000000:ADAB 00000000000000000000000001000000:9F92 08 00000000:00000000 00:00000000 00000000     0        0 242120 1 00000000d15e414b 20 0 0 10 -1\n";
const IMITATED =
  "  10: 0100090A:1BBC 0200090A:AD56 01 00000000:00000000 00:00000000 00000000     0        0 11 2 0000000000000000 0 0 0 0 -1\n";

const littleEndian = {
  skip: endianness() === "LE" ? false : "the lines are a little-endian machine's",
};

test("an IPv4 row tells what waits for a reader without room", littleEndian, () => {
  const row = only(HEADER + LISTENING + SLOW + GONE, "10.9.0.1", 7100, "10.9.0.2", 44374);
  const waits = { unacked: 764544, state: TCP_STATE.established, retransmits: 0 };
  assert.deepEqual(row, { ...waits, probing: true, probes: 0 });
});

test(
  "a row with a long number and a long user id tells how often was sent again",
  littleEndian,
  () => {
    const row = only(HEADER + SLOW + GONE, "10.9.0.1", 7100, "10.9.0.2", 0xc001);
    const unanswered = { unacked: 50, state: TCP_STATE.established, retransmits: 7 };
    assert.deepEqual(row, { ...unanswered, probing: false, probes: 0 });
  },
);

test("a row tells how many questions about room were not answered", littleEndian, () => {
  const row = only(HEADER + GONE_WHILE_FULL, "10.9.0.1", 7100, "10.9.0.2", 0xc002);
  assert.deepEqual([row?.probing, row?.probes, row?.unacked], [true, 2, 113004]);
});

test("an IPv4 client of an IPv6 listener is found by its mapped address", littleEndian, () => {
  const row = only(HEADER_6 + MAPPED, "::ffff:127.0.0.1", 0xadab, "::ffff:127.0.0.1", 0xac46);
  assert.equal(row?.unacked, 5);
});

test("an IPv6 row is found, and tells that the client has finished", littleEndian, () => {
  const row = only(HEADER_6 + IPV6, "::1", 0xadab, "::1", 0x9f92);
  assert.deepEqual([row?.unacked, row?.state], [0, TCP_STATE.closeWait]);
});

test("an address is written as the table writes it, whatever its form", littleEndian, () => {
  const key = tcpKey({
    localAddress: "fe80::a1:2%eth0",
    localPort: 8080,
    remoteAddress: "2001:db8:0:1:203:4FF:fe05:6",
    remotePort: 255,
  });
  assert.equal(key, "000080FE00000000000000000200A100:1F90 B80D012001000000FF040302060005FE:00FF");
});

test("a socket without addresses has no key", () => {
  assert.equal(tcpKey(new Socket()), "");
});

test("our own FIN is not a byte that waits", littleEndian, () => {
  for (const state of ["04", "09", "0B"]) {
    const line = GONE.replace(" 01 00000032", ` ${state} 00000033`);
    assert.equal(only(line, "10.9.0.1", 7100, "10.9.0.2", 0xc001)?.unacked, 50);
  }
});

test("a row that is not a socket of ours is not seen", littleEndian, () => {
  assert.equal(only(TIME_WAIT, "10.9.0.1", 7100, "10.9.0.2", 0xc003), undefined);
});

test("rows that a system has made up are told apart", () => {
  const found = new Map<string, TcpRow>();
  assert.equal(parseTcpRows(IMITATED, 27, new Map([[IMITATED.slice(6, 33), 1]]), found), false);
});

const onLinux = { skip: process.platform === "linux" ? false : "needs Linux", timeout: 10_000 };

for (const [host, address] of [
  ["127.0.0.1", "127.0.0.1"],
  ["::1", "::1"],
  ["::", "127.0.0.1"],
] as const) {
  test(
    `bytes that do not reach ${address} at ${host} are shown until they do`,
    onLinux,
    async (t) => {
      const { table, client, accepted } = await connected(t, host, address);
      const key = tcpKey(accepted);
      client.pause();
      accepted.write(Buffer.alloc(MORE_THAN_FITS));
      const full = await until(table, key, (row) => row.probing);
      assert.ok(full.unacked > 0 && full.unacked < MORE_THAN_FITS, `${full.unacked} bytes`);
      assert.ok(full.probes <= 2 && full.retransmits === 0 && full.state === TCP_STATE.established);
      client.resume();
      const read = await until(
        table,
        key,
        (row) => row.unacked === 0 && accepted.writableLength === 0,
      );
      assert.equal(read.probing, false);
    },
  );
}

test("what the client has not read is acknowledged all the same", onLinux, async (t) => {
  const { table, client, accepted } = await connected(t, "127.0.0.1", "127.0.0.1");
  client.pause();
  accepted.write("from alice: hi\n");
  const row = await until(table, tcpKey(accepted), ({ unacked }) => unacked === 0);
  assert.equal(row.state, TCP_STATE.established);
});

test("a finished client is shown as finished, and a reset one is not shown", onLinux, async (t) => {
  const { table, client, accepted } = await connected(t, "127.0.0.1", "127.0.0.1");
  const key = tcpKey(accepted);
  client.end();
  await until(table, key, ({ state }) => state === TCP_STATE.closeWait);
  client.resetAndDestroy();
  for (;;) {
    const rows = await table.read(new Map([[key, 1]]));
    if (!rows?.has(key)) break;
  }
});

/** More than the buffers of both sides hold. */
const MORE_THAN_FITS = 32 * 1024 * 1024;

async function connected(
  t: TestContext,
  host: string,
  address: string,
): Promise<{ table: TcpTable; client: Socket; accepted: Socket }> {
  const table = openTcpTable();
  assert.ok(table !== undefined);
  const server = createServer({ allowHalfOpen: true }).listen(0, host);
  t.after(() => server.close());
  t.after(() => table.close());
  await once(server, "listening");
  const client = connect((server.address() as AddressInfo).port, address);
  t.after(() => client.destroy());
  const [accepted] = (await once(server, "connection")) as [Socket];
  t.after(() => accepted.destroy());
  accepted.on("error", () => {}).resume();
  return { table, client, accepted };
}

/** Looks until the row is as it should become; the test's timeout ends it otherwise. */
async function until(
  table: TcpTable,
  key: string,
  isSo: (row: TcpRow) => boolean,
): Promise<TcpRow> {
  for (;;) {
    const row = (await table.read(new Map([[key, 1]])))?.get(key);
    if (row !== undefined && isSo(row)) return row;
  }
}

function only(
  lines: string,
  localAddress: string,
  localPort: number,
  remoteAddress: string,
  remotePort: number,
): TcpRow | undefined {
  const key = tcpKey({ localAddress, localPort, remoteAddress, remotePort });
  const found = new Map<string, TcpRow>();
  assert.ok(parseTcpRows(lines, key.length, new Map([[key, 1]]), found));
  return found.get(key);
}
