// `partyline chat` in a real terminal: what a person sees and types, while connections and servers die.

import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { once } from "node:events";
import { type AddressInfo, createServer } from "node:net";
import { before, suite, test, type TestContext } from "node:test";
import { contrast, type Rgb, rgbOf } from "../src/terminal/colours.ts";
import { COMMAND } from "./harness/command.ts";
import { ENVIRONMENT } from "./harness/environment.ts";
import { untilKept } from "./harness/kept.ts";
import { temporaryFolder, TestServer } from "./harness/server.ts";
import { hasTmux, Terminal, type TerminalOptions } from "./harness/terminal.ts";

const inTmux = { skip: !hasTmux && "install tmux" };

before(() => {
  assert.ok(hasTmux || process.env["CI"] === undefined, "install tmux");
});

interface ChatOptions extends TerminalOptions {
  readonly args?: readonly string[];
  /** A command by way of which it is started. */
  readonly prefix?: readonly string[];
  /** Where another one kept its state. */
  readonly state?: string;
}

function chat(
  t: TestContext,
  port: number,
  name: string,
  options: ChatOptions = {},
): Promise<Terminal> {
  const { args = [], prefix = [], state = temporaryFolder(t), environment = {} } = options;
  const command = [
    ...prefix,
    process.execPath,
    COMMAND,
    "chat",
    name,
    "--to",
    `127.0.0.1:${port}`,
    ...args,
  ];
  return Terminal.start(t, command, {
    ...options,
    environment: { XDG_STATE_HOME: state, ...environment },
  });
}

/** The lines that alice numbered, as they are shown. */
function numbered(text: string): string[] {
  return Array.from(text.matchAll(/alice: (line \d+ of thirty)/g), ([, line]) => line ?? "");
}

/** xterm's own palette, by the codes that paint with it. */
const XTERM: ReadonlyMap<number, Rgb> = new Map([
  [31, [205, 0, 0]],
  [32, [0, 205, 0]],
  [33, [205, 205, 0]],
  [34, [0, 0, 238]],
  [35, [205, 0, 205]],
  [36, [0, 205, 205]],
  [91, [255, 0, 0]],
  [92, [0, 255, 0]],
  [93, [255, 255, 0]],
  [94, [92, 92, 255]],
  [95, [255, 0, 255]],
  [96, [0, 255, 255]],
]);

/** A program that puts files in their place half a second late. */
const SLOW_DISK = encodeURIComponent(`
  import files from "node:fs/promises";
  import { syncBuiltinESMExports } from "node:module";
  import { setTimeout as pause } from "node:timers/promises";
  const { rename } = files;
  files.rename = (...paths) => pause(500).then(() => rename(...paths));
  syncBuiltinESMExports();
`);

/** How often something is shown. */
function count(text: string, what: string): number {
  return text.split(what).length - 1;
}

// Most of the time of each is spent on starting programs, so some of them run at once.
suite("in a terminal", { concurrency: 3 }, () => {
  test("a conversation with nc", inTmux, async (t) => {
    const server = await TestServer.start(t);
    const alice = await chat(t, server.port, "alice", { args: ["--room", "#ops"] });
    await alice.shows("alice · online", "#ops>", "alice joined");
    const bob = await server.login(t, "bob");
    bob.say("/join #ops", "#ops: hi all");
    await alice.shows("bob joined", /\d\d:\d\d bob: hi all/);
    await alice.say("hello bob");
    await alice.shows(/\d\d:\d\d alice: hello bob {2}sent/);
    await bob.until(() => bob.lines.includes("from alice in #ops: hello bob"), "her answer");
  });

  test("a direct message is announced, gone to with Alt+A, and answered", inTmux, async (t) => {
    const server = await TestServer.start(t);
    const alice = await chat(t, server.port, "alice", { args: ["--room", "#ops"] });
    await alice.shows("alice joined");
    const bob = await server.login(t, "bob");
    bob.say("alice: psst");
    await alice.shows("1:#ops 2:bob!");
    assert.doesNotMatch((await alice.everything()).join("\n"), /psst/);
    await alice.press("M-a");
    await alice.shows("── bob", "bob: psst", "bob>");
    await alice.say("what?");
    await bob.until(() => bob.lines.includes("from alice: what?"), "her answer");
    await alice.press("M-1");
    await alice.shows(/── #ops[\s\S]*── #ops/);
  });

  // The answer to /join took her there: what she wrote in between went to bob, and half of the next line too.
  test(
    "what is written after /join goes to that room, whenever its answer comes",
    inTmux,
    async (t) => {
      const server = await TestServer.start(t);
      const { data, port } = server;
      const bob = await server.login(t, "bob");
      const alice = await chat(t, port, "alice");
      await alice.shows("alice · online");
      await alice.say("/msg bob");
      await alice.shows("bob>");
      await alice.type("/join #late\rfor #late only\r");
      await alice.shows("#late>", "alice: for #late only  sent");
      await server.end("SIGKILL");
      await alice.shows("reconnecting");
      await alice.say("/join #stolen");
      await alice.shows("#stolen>", "as soon as there is a connection");
      await alice.type("my secret ");
      await alice.shows("#stolen> my secret");
      const again = await TestServer.start(t, { data, port });
      await alice.shows("alice joined");
      await alice.type("is safe");
      await alice.press("Enter");
      await alice.shows("alice: my secret is safe  sent");
      await bob.end();
      const reader = again.connect(t).say("bob").finish();
      await reader.end();
      assert.deepEqual([...bob.lines, ...reader.lines], []);
    },
  );

  test(
    "a room that one may not join is not gone to any more, and what was written stays",
    inTmux,
    async (t) => {
      const server = await TestServer.start(t);
      const bob = await server.login(t, "bob");
      bob.say("/join #own", "/private #own");
      await bob.take(2);
      const alice = await chat(t, server.port, "alice", { args: ["--room", "#ops"] });
      await alice.shows("alice joined");
      await alice.type("/join #own\rhello?");
      await alice.until(
        (text) => /! .*#own/.test(text) && /^> hello\?$/m.test(text),
        "it is refused",
      );
      await alice.press("Enter");
      await alice.shows("you are nowhere", /^> hello\?$/m);
      await alice.press("M-1");
      await alice.shows("#ops> hello?");
      assert.doesNotMatch((await alice.rows()).join("\n"), /2:#own/);
    },
  );

  // Whoever was nowhere was taken to a conversation with the connection, and the draft of that replaced what was written.
  test("what is written while the connection comes stays", inTmux, async (t) => {
    const server = await TestServer.start(t);
    const { data, port } = server;
    const alice = await chat(t, port, "alice", { args: ["--room", "#ops"] });
    await alice.shows("alice joined");
    await alice.say("/quit");
    await alice.end();
    await server.end("SIGKILL");
    const later = await chat(t, port, "alice");
    await later.shows("reconnecting");
    await later.type("/msg bob a long text");
    await later.shows("> /msg bob a long text");
    await TestServer.start(t, { data, port });
    await later.shows("alice · online");
    await later.type(" that I am typing");
    await later.press("Enter");
    await later.shows("alice: a long text that I am typing  sent");
  });

  test("with a place given one begins there, although the server is silent", inTmux, async (t) => {
    const silent = createServer().listen(0, "127.0.0.1");
    t.after(() => silent.close());
    await once(silent, "listening");
    const { port } = silent.address() as AddressInfo;
    const alice = await chat(t, port, "alice", { args: ["--room", "#ops"] });
    // In the first of the fifteen seconds that an answer may take.
    await alice.shows("alice · connecting", "#ops>");
    await alice.say("hello world");
    await alice.shows("waiting hello world");
  });

  test(
    "what is written while the server is dead waits, and is sent once when it is back",
    inTmux,
    async (t) => {
      const server = await TestServer.start(t);
      const { data, port } = server;
      const alice = await chat(t, port, "alice", { args: ["--room", "#ops"] });
      await alice.shows("alice joined");
      const bob = await server.login(t, "bob");
      bob.say("/join #ops");
      await alice.shows("bob joined");
      await server.end("SIGKILL");
      await alice.shows(/reconnecting in \d+ s/);
      await alice.say("first, while offline");
      await alice.shows("waiting first, while offline");
      await alice.say("second");
      await alice.shows("waiting second");
      const again = await TestServer.start(t, { data, args: ["--listen", `127.0.0.1:${port}`] });
      // Not when the wait is over, but now.
      await alice.press("Enter");
      const text = await alice.shows(
        "alice: first, while offline  sent",
        "alice: second  sent",
        "alice · online",
      );
      assert.doesNotMatch(text, /waiting/);
      const reader = await again.login(t, "bob");
      reader.say("#ops: I am back");
      await alice.shows("bob: I am back");
      assert.deepEqual(
        reader.lines.filter((line) => line.startsWith("from alice")),
        ["from alice in #ops: first, while offline", "from alice in #ops: second"],
      );
      const after = (await alice.everything()).join("\n");
      for (const said of ["alice: first, while offline", "alice: second", "bob: I am back"]) {
        assert.equal(count(after, said), 1, said);
      }
    },
  );

  test(
    "thirty lines typed while the server is killed again and again are there once, in order",
    inTmux,
    async (t) => {
      let server = await TestServer.start(t);
      const { data, port } = server;
      const alice = await chat(t, port, "alice", { args: ["--room", "#ops"], rows: 60 });
      await alice.shows("alice joined");
      const lines = Array.from({ length: 30 }, (_, i) => `line ${i} of thirty`);
      for (const [at, line] of lines.entries()) {
        await alice.say(line);
        if (at % 10 !== 5) continue;
        // In the middle of whatever it is doing.
        await server.end("SIGKILL");
        server = await TestServer.start(t, { data, args: ["--listen", `127.0.0.1:${port}`] });
        await alice.press("Enter");
      }
      const text = await alice.until(
        (now) => !now.includes("waiting") && numbered(now).length >= 30,
        "all",
      );
      assert.deepEqual(numbered(text), lines);
      const bob = await server.login(t, "bob");
      bob.say("/join #ops", "#ops: the end");
      await alice.shows("bob: the end");
      await alice.say("/history 40");
      const later = await alice.until((now) => numbered(now).length >= 60, "the history");
      assert.deepEqual(numbered(later).slice(30), lines);
    },
  );

  // The program was gone before its outbox was written, and lines that were shown as waiting with it.
  test(
    "what is shown as waiting is kept, also when the window is closed that moment",
    inTmux,
    async (t) => {
      const server = await TestServer.start(t);
      const state = temporaryFolder(t);
      const environment = { NODE_OPTIONS: `--import=data:text/javascript,${SLOW_DISK}` };
      const alice = await chat(t, server.port, "alice", { state, environment });
      await alice.shows("alice · online");
      await server.end("SIGKILL");
      await alice.shows("reconnecting");
      await alice.type("/msg bob one\rtwo\rthree\rfour\r");
      await alice.shows("waiting four");
      await alice.hangUp();
      await untilKept(state, '"one"', '"two"', '"three"', '"four"');
    },
  );

  test("one's own answer stands below what had waited on the server", inTmux, async (t) => {
    const both = ["--listen", "127.0.0.1:0"];
    let server = await TestServer.start(t, { args: both });
    const { data, port, ports } = server;
    const alices = ports[1] ?? assert.fail("no second port");
    const alice = await chat(t, alices, "alice", { args: ["--room", "#ops"] });
    await alice.shows("alice joined");
    const restart = async (args: string[]): Promise<void> => {
      await server.end("SIGKILL");
      server = await TestServer.start(t, { data, port, args });
    };
    await restart([]);
    await alice.shows("reconnecting");
    await alice.say("my answer");
    await alice.shows("waiting my answer");
    const bob = await server.login(t, "bob");
    bob.say("/join #ops", ...Array.from({ length: 300 }, (_, at) => `#ops: line ${at}.`));
    // Answered once all of them are durable.
    bob.say("/history #ops 1");
    await bob.until(() => bob.lines.at(-1)?.endsWith("line 299.") === true, "his last line");
    await restart(["--listen", `127.0.0.1:${alices}`]);
    await alice.press("Enter");
    const text = await alice.shows("alice: my answer  sent", "bob: line 299.");
    assert.ok(text.indexOf("my answer  sent") > text.indexOf("line 299."), text);
  });

  test(
    "what waits when one quits is there when one comes back, and is sent then",
    inTmux,
    async (t) => {
      const state = temporaryFolder(t);
      const server = await TestServer.start(t);
      const { data, port } = server;
      const first = await chat(t, port, "alice", { state });
      await first.shows("alice · online");
      await server.end("SIGKILL");
      await first.shows("reconnecting");
      await first.say("/msg bob are you there?");
      await first.shows("waiting are you there?");
      await first.say("/quit");
      assert.equal(await first.end(), 0);
      await first.shows("1 of your messages wait here, and are sent next time");
      const second = await chat(t, port, "alice", { state });
      await second.shows(/waiting (bob: )?are you there\?/);
      const again = await TestServer.start(t, { data, args: ["--listen", `127.0.0.1:${port}`] });
      await second.until(
        (text) => !text.includes("waiting") && text.includes("online"),
        "it is sent",
      );
      const bob = again.connect(t).say("bob").finish();
      await bob.end();
      assert.deepEqual(bob.lines, ["from alice: are you there?"]);
    },
  );

  // It was kept nowhere: who quit, or was not there when the refusal came, never saw it.
  test(
    "what is refused says why, also after quitting, until it is sent again or discarded",
    inTmux,
    async (t) => {
      const server = await TestServer.start(t);
      const state = temporaryFolder(t);
      const first = await chat(t, server.port, "alice", { state });
      await first.shows("alice · online");
      await first.say("/msg #later hello?");
      await first.shows(/refused hello\? · .*#later/);
      await first.say("/msg #nowhere anybody?");
      await first.shows(/refused anybody\? · .*#nowhere/);
      await first.say("/quit");
      await first.end();
      const second = await chat(t, server.port, "alice", { state });
      await second.shows(/refused (#later: )?hello\? · .*#later/, /anybody\? · .*#nowhere/);
      await second.say("/join #later");
      await second.shows("alice joined");
      await second.say("/retry");
      await second.shows("#later> hello?", "refused hello?");
      await second.type("?");
      await second.press("Enter");
      const text = await second.shows("alice: hello??  sent");
      assert.doesNotMatch(text, /refused hello/);
      await second.say("/discard");
      await second.until((now) => !now.includes("refused"), "it is gone");
      await second.say("/quit");
      await second.end();
      const third = await chat(t, server.port, "alice", { state });
      assert.doesNotMatch(await third.shows("alice · online"), /refused/);
    },
  );

  test("at 40 columns nothing is broken, and every row fits", inTmux, async (t) => {
    const server = await TestServer.start(t);
    const alice = await chat(t, server.port, "alice", {
      columns: 40,
      rows: 16,
      args: ["--room", "#a-room-with-a-long-name"],
    });
    await alice.shows("alice joined");
    const bob = await server.login(t, "bob");
    bob.say("/join #a-room-with-a-long-name");
    await bob.take(1);
    bob.say("#a-room-with-a-long-name: 语言文字语言文字语言文字语言文字语言文字语言文字 end");
    await alice.shows(/bob: 语言文字语言文字语言文字语言\n {6}文字语言文字语言文字 end/);
    await alice.type("一个很长的句子，它比一行长得多，所以会换行 and on");
    await alice.shows("and on");
    const { x, y } = await alice.cursor();
    const row = (await alice.rows())[y] ?? "";
    assert.match(row, /and on$/);
    assert.equal(x, row.length + (row.match(/\p{Script=Han}|，/gu) ?? []).length);
  });

  test("when the terminal becomes narrower and wider no debris is left", inTmux, async (t) => {
    const server = await TestServer.start(t);
    const alice = await chat(t, server.port, "alice", { args: ["--room", "#ops"] });
    await alice.shows("alice joined");
    const bob = await server.login(t, "bob");
    bob.say("alice: x", "/join #ops");
    await alice.shows("2:bob!", "bob joined");
    const written =
      "#ops> a draft that is long enough to be broken when there are only forty columns";
    await alice.type(written.slice("#ops> ".length));
    for (const columns of [80, 40, 100, 33, 80]) {
      await alice.resize(columns, 24);
      // tmux itself tells programs of a new size up to a quarter of a second late: what is written is drawn for it then.
      const row = written.slice(0, columns - 1).trimEnd();
      await alice.until((_, rows) => rows.includes(row), `${columns} columns`);
      bob.say(`#ops: now ${columns}`);
      await alice.shows(`now ${columns}`);
    }
    const text = (await alice.everything()).join("\n");
    assert.equal(count(text, "alice · online"), 1, text);
    assert.equal(count(text, "#ops>"), 1, text);
    assert.equal(count(text, "bob joined"), 1, text);
    for (const columns of [40, 100, 33]) assert.equal(count(text, `bob: now ${columns}`), 1, text);
  });

  // Nothing stood above the last lines: what erases all that is shown goes to tmux's history first.
  test("in a short conversation a long draft leaves nothing behind either", inTmux, async (t) => {
    const server = await TestServer.start(t);
    const alice = await chat(t, server.port, "alice", { isAlone: true });
    await alice.shows("alice · online");
    const draft = Array.from({ length: 27 }, (_, at) => `w${at + 10}`).join(" ");
    await alice.type(draft);
    await alice.shows("w36");
    for (const columns of [60, 40, 30, 20, 25, 50, 80, 120, 70, 80]) {
      await alice.resize(columns, 24);
      const row = `> ${draft.slice(0, columns - 3)}`.trimEnd();
      await alice.until((_, rows) => rows.includes(row), `${columns} columns`);
    }
    const text = (await alice.everything()).join("\n");
    assert.equal(count(text, "alice · online"), 1, text);
    assert.equal(count(text, "w10"), 1, text);
    assert.equal(count(text, "w36"), 1, text);
  });

  test("what others write cannot move the cursor, turn the line, or paint", inTmux, async (t) => {
    const server = await TestServer.start(t);
    const alice = await chat(t, server.port, "alice", { args: ["--room", "#ops"] });
    await alice.shows("alice joined");
    const bob = await server.login(t, "bob");
    bob.say("/join #ops", "#ops: \u202Eevil\u2066 text", "#ops: \u001B[2Jcleared", "#ops: after");
    const text = await alice.shows("bob: after");
    assert.match(text, /bob: evil text/);
    assert.doesNotMatch(text, /[\u202A-\u202E\u2066-\u2069]/);
    // The server itself takes no control characters; what if one did is the unit tests'.
    assert.doesNotMatch(text, /cleared/);
  });

  test("lines that are pasted are asked about first", inTmux, async (t) => {
    const server = await TestServer.start(t);
    const bob = await server.login(t, "bob");
    const alice = await chat(t, server.port, "alice", { args: ["--room", "#ops"] });
    await alice.shows("alice joined");
    await alice.say("/msg bob");
    await alice.shows("bob>");
    await alice.paste("rm -rf\n/quit\n");
    await alice.shows("paste 2 lines?");
    await alice.press("Escape");
    await alice.until((text) => !text.includes("paste 2"), "it is not taken");
    await alice.paste("one\ntwo\n");
    await alice.shows("paste 2 lines?");
    // A second one took the place of the first.
    await alice.paste("three");
    await alice.shows("paste 3 lines?");
    await alice.press("Enter");
    await alice.shows(/bob> one\n {5}two\n {5}three/);
    await alice.press("Enter");
    await bob.expect("from alice: one", "from alice: two", "from alice: three");
  });

  test("the terminal's focus is heard of, and is no key", inTmux, async (t) => {
    const server = await TestServer.start(t);
    const bob = await server.login(t, "bob");
    const alice = await chat(t, server.port, "alice");
    await alice.shows("alice · online");
    await alice.say("/msg bob");
    await alice.shows("bob>");
    const hears = async (said: string, rings: number): Promise<void> => {
      bob.say(`alice: ${said}`);
      await alice.until(
        (text) => text.includes(`bob: ${said}`) && alice.rings === rings,
        `${said}, and ${rings} rings in all`,
      );
    };
    await hears("one", 1);
    await alice.type("\u001B[I");
    await alice.type("seen");
    await alice.shows("bob> seen");
    await hears("two", 1);
    await alice.type("\u001B[O");
    await alice.type("!");
    await alice.shows("bob> seen!");
    await hears("three", 2);
  });

  test(
    "an account is made where the server lets one, with a password asked for twice",
    inTmux,
    async (t) => {
      const server = await TestServer.start(t, {
        args: ["--open-names", "off", "--registration", "open"],
      });
      const state = temporaryFolder(t);
      const alice = await chat(t, server.port, "alice", { state, args: ["--register"] });
      await alice.shows("New password for alice:");
      await alice.say("correct horse");
      await alice.shows("The same again:");
      await alice.say("wrong horse");
      await alice.shows(/two different ones\nNew password for alice:/);
      await alice.say("correct horse");
      await alice.shows(/The same again:[^]*The same again:/);
      await alice.say("correct horse");
      assert.doesNotMatch(await alice.shows("alice · online"), /horse/);
      await alice.say("/quit");
      await alice.end();
      const later = await chat(t, server.port, "alice", { state });
      await later.shows("alice · online");
    },
  );

  test("a terminal that cannot move its cursor has lines, as a pipe has", inTmux, async (t) => {
    const server = await TestServer.start(t);
    const bob = await server.login(t, "bob");
    const alice = await chat(t, server.port, "alice", { prefix: ["env", "TERM=dumb"] });
    await alice.say("bob: hi");
    await bob.expect("from alice: hi");
    bob.say("alice: hello");
    await alice.shows("from bob: hello");
    await alice.say("/quit");
    assert.equal(await alice.end(), 0);
  });

  test("Ctrl+Z gives the terminal back, and fg goes on", inTmux, async (t) => {
    const server = await TestServer.start(t);
    const environment = { XDG_STATE_HOME: temporaryFolder(t), PS1: "shell$ " };
    const shell = await Terminal.start(t, ["bash", "--norc", "-i"], { environment });
    await shell.shows("shell$");
    await shell.say(
      `${process.execPath} ${COMMAND} chat alice --to 127.0.0.1:${server.port} --room '#ops'`,
    );
    await shell.shows("alice joined", "alice · online");
    await shell.type("a draft");
    await shell.shows("#ops> a draft");
    await shell.press("C-z");
    await shell.until(
      (text, rows) => rows.at(-1) === "shell$" && text.includes("Stopped"),
      "the shell",
    );
    assert.doesNotMatch((await shell.everything()).join("\n"), /online/);
    await shell.say("echo $((40 + 2))");
    await shell.shows(/^42$/m);
    await shell.say("fg");
    await shell.shows("alice · online", "#ops> a draft");
    await shell.type(" of mine");
    await shell.press("Enter");
    await shell.shows("alice: a draft of mine  sent");
  });

  test("Ctrl+C clears what is written, and twice quits", inTmux, async (t) => {
    const server = await TestServer.start(t);
    const alice = await chat(t, server.port, "alice");
    await alice.shows("alice · online");
    await alice.type("no, not this");
    await alice.shows("not this");
    await alice.press("C-c");
    await alice.until(
      (text) => text.includes("Ctrl+C again quits") && !text.includes("not this"),
      "it is cleared",
    );
    await alice.press("x");
    await alice.shows("> x");
    await alice.press("C-c", "C-c");
    assert.equal(await alice.end(), 0);
    assert.doesNotMatch((await alice.everything()).join("\n"), /online/);
  });

  test(
    "Tab completes commands, rooms and names, and ↑ brings back what was written",
    inTmux,
    async (t) => {
      const server = await TestServer.start(t);
      const alice = await chat(t, server.port, "alice", { args: ["--room", "#ops"] });
      await alice.shows("alice joined");
      const bob = await server.login(t, "roberta");
      bob.say("/join #ops", "#ops: here");
      await alice.shows("roberta: here");
      await alice.type("rob\thi");
      await alice.press("Enter");
      await alice.shows("alice: roberta: hi  sent");
      await alice.press("Up");
      await alice.shows("#ops> roberta: hi");
      await alice.press("C-u");
      await alice.type("/hi\t");
      await alice.shows("#ops> /history");
    },
  );

  test(
    "names have colours that can be read on white and on black, and none with NO_COLOR",
    inTmux,
    async (t) => {
      const server = await TestServer.start(t);
      const names = Array.from({ length: 12 }, (_, at) => `somebody${at}`);
      for (const name of names) {
        const client = server.connect(t).say(name, "alice: hi", "carol: hi", "dave: hi").finish();
        await client.end();
      }
      const shown = async (reader: string, prefix: readonly string[] = []): Promise<string[]> => {
        const terminal = await chat(t, server.port, reader, { prefix });
        await terminal.shows(`${reader} · online`);
        for (const one of names) {
          await terminal.say(`/msg ${one}`);
          await terminal.shows(`${one}: hi`);
        }
        const styled = await terminal.styled();
        // The codes right before a name, which others come after.
        const name = /((?:\u001B\[[0-9;]*m)+)somebody\d+(?:\u001B\[[0-9;]*m)+: hi/g;
        return Array.from(styled.matchAll(name), ([, codes = ""]) =>
          codes.replaceAll("\u001B[", "").replaceAll("m", ";"),
        );
      };
      const many = await shown("alice");
      assert.ok(many.length > 5);
      for (const codes of many) {
        const number = Number(/(?:^|;)38;5;(\d+)(?:;|$)/.exec(codes)?.[1]);
        for (const ground of [
          [255, 255, 255],
          [0, 0, 0],
        ] as const) {
          assert.ok(contrast(rgbOf(number), ground) >= 3, codes);
        }
      }
      const sixteen = await shown("carol", ["env", "-u", "TMUX", "-u", "COLORTERM", "TERM=xterm"]);
      assert.ok(sixteen.length > 5);
      for (const codes of sixteen) {
        const code = Number(/(?:^|;)([39][0-7])(?:;|$)/.exec(codes)?.[1]);
        const colour = XTERM.get(code) ?? assert.fail(codes);
        for (const ground of [
          [255, 255, 255],
          [0, 0, 0],
        ] as const) {
          assert.ok(contrast(colour, ground) >= 3, codes);
        }
      }
      const none = await shown("dave", ["env", "NO_COLOR=1"]);
      for (const codes of none) assert.doesNotMatch(codes, /(?:^|;)[39][0-8](?:;|$)/);
    },
  );

  test("a name that somebody else has is refused in one line", inTmux, async (t) => {
    const server = await TestServer.start(t);
    await server.login(t, "alice");
    const alice = await chat(t, server.port, "alice");
    assert.equal(await alice.end(), 1);
    await alice.shows(/^partyline: .*already connected$/m);
  });

  test(
    "an account's password is asked for once, and again when it was changed",
    inTmux,
    async (t) => {
      const server = await TestServer.start(t);
      const { data, port } = server;
      const setPassword = (action: "add" | "passwd", password: string): void => {
        const args = [COMMAND, "user", action, "alice", "--data", data];
        const options = { input: `${password}\n`, env: ENVIRONMENT, encoding: "utf8" } as const;
        const { status, stderr } = spawnSync(process.execPath, args, options);
        assert.equal(status, 0, stderr);
      };
      setPassword("add", "correct horse");
      const state = temporaryFolder(t);
      const first = await chat(t, port, "alice", { state });
      await first.shows("Password for alice:");
      await first.say("wrong horse");
      await first.shows(/Password for alice:[^]*that is not right\nPassword for alice:/);
      await first.say("correct horse");
      const text = await first.shows("alice · online");
      assert.doesNotMatch(text, /horse/);
      await first.say("/quit");
      assert.equal(await first.end(), 0);
      const second = await chat(t, port, "alice", { state });
      assert.doesNotMatch(await second.shows("alice · online"), /Password/);
      await second.say("/quit");
      await second.end();
      setPassword("passwd", "battery staple");
      const third = await chat(t, port, "alice", { state });
      await third.shows("Password for alice:");
      await third.say("battery staple");
      await third.shows("alice · online");
    },
  );
});
