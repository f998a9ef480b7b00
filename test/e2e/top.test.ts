// `watchpost top` on real files, through real processes: on a pseudo-terminal of script(1), and without one.
import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import { appendFile, writeFile } from "node:fs/promises";
import path from "node:path";
import { suite, test } from "node:test";
import { createLogGenerator } from "../../src/access-log/log-generator.ts";
import {
  type TempFolder,
  createTempFolder,
  skipWithout,
  startWatchpost,
  waitFor,
} from "./harness.ts";

const main = path.resolve(import.meta.dirname, "../../src/main.ts");
const enter = "\u001b[?1049h";
const leave = "\u001b[0m\u001b[?2004l\u001b[?7h\u001b[?25h\u001b[?1049l";

/** A log whose last line is of this second; with how many of its lines are requests. */
async function writeLog(folder: TempFolder): Promise<{ file: string; requests: number }> {
  const now = Date.now();
  const lines = createLogGenerator({ seed: 9, startMs: now - 40_000 }).linesFor(now - 40_000, now);
  const file = folder.join("shop.log");
  await writeFile(file, `${lines.join("\n")}\n`);
  return { file, requests: lines.filter((line) => /" \d{3} \d+ "/.test(line)).length };
}

interface OnTerminal extends AsyncDisposable {
  /** What was written on the terminal. */
  shown(): string;
  type(keys: string): void;
  /** Of Watchpost itself. */
  pid(): number;
  readonly exited: Promise<number | null>;
}

/** Runs `watchpost top` on a terminal of its own. */
function startOnTerminal(args: readonly string[], env: Record<string, string> = {}): OnTerminal {
  const words = [process.execPath, main, "top", ...args].map((word) => `'${word}'`);
  const command = `stty cols 80 rows 24; echo pid $$; exec ${words.join(" ")}`;
  const child = spawn("script", ["-qfec", command, "/dev/null"], {
    // oxlint-disable-next-line node/no-process-env -- a child needs the PATH of its parent
    env: { ...process.env, TERM: "xterm-256color", LANG: "C.UTF-8", SHELL: "/bin/sh", ...env },
    stdio: ["pipe", "pipe", "inherit"],
  });
  let shown = "";
  child.stdout.setEncoding("utf8").on("data", (text: string) => {
    shown += text;
  });
  const { promise, resolve } = Promise.withResolvers<number | null>();
  child.once("close", resolve);
  return {
    shown: () => shown,
    type: (keys) => child.stdin.write(keys),
    pid: () => Number(/pid (\d+)/.exec(shown)?.[1]),
    exited: promise,
    async [Symbol.asyncDispose]() {
      child.kill();
      await promise;
    },
  };
}

suite("on a terminal", { skip: skipWithout("script") }, () => {
  const ends: readonly (readonly [string, (on: OnTerminal) => void])[] = [
    ["q", (on) => on.type("q")],
    ["ctrl-c", (on) => on.type("\u0003")],
    ["SIGINT", (on) => process.kill(on.pid(), "SIGINT")],
    ["SIGTERM", (on) => process.kill(on.pid(), "SIGTERM")],
    ["SIGHUP", (on) => process.kill(on.pid(), "SIGHUP")],
  ];
  for (const [name, end] of ends) {
    test(`it shows a live log, and gives the terminal back after ${name}`, async () => {
      await using folder = await createTempFolder();
      const { file } = await writeLog(folder);
      await using on = startOnTerminal([file]);
      await waitFor("a picture", () => /\/products\/\{id\}/.test(on.shown()));
      end(on);
      assert.equal(await on.exited, 0);
      assert.equal(on.shown().split(enter).length, 2);
      assert.ok(on.shown().trimEnd().endsWith(leave), JSON.stringify(on.shown().slice(-80)));
    });
  }

  test("it shows what is appended, and nothing of a line can command the terminal", async () => {
    await using folder = await createTempFolder();
    const { file } = await writeLog(folder);
    await using on = startOnTerminal([file, "--group-by", "none"], { NO_COLOR: "1" });
    on.type("3");
    await waitFor("a picture", () => on.shown().includes("/api/cart/show"));
    const time = new Date()
      .toUTCString()
      .replace(/^\w+, (\d+) (\w+) (\d+) (\S+) GMT$/, "$1/$2/$3:$4");
    const evil = `192.0.2.1 - - [${time} +0000] "GET /\u001b]0;evil\u0007 HTTP/1.1" 200 1 "-" "-" 0.100\n`;
    await appendFile(file, evil.repeat(400));
    await waitFor("the line", () => on.shown().includes(String.raw`/\x1b]0;evil\x07`));
    on.type("q");
    await on.exited;
    assert.ok(!on.shown().includes("\u001b]"));
    assert.doesNotMatch(on.shown(), /\[(?:\d;)?3\dm/, "NO_COLOR");
  });
});

suite("without a terminal", () => {
  test("one picture has every request of the log", async () => {
    await using folder = await createTempFolder();
    const { file, requests } = await writeLog(folder);
    await using running = await startWatchpost(["top", "--once", "--from", "start", file]);
    assert.equal((await running.exited).code, 0);
    const [, total = ""] = /^ requests +\S+ +([\d,]+)/m.exec(running.stdout()) ?? [];
    assert.equal(Number(total.replaceAll(",", "")), requests);
    assert.match(running.stdout(), /^ group +▼?req\/s/m);
    assert.ok(!running.stdout().includes("\u001b"));
  });

  test("windows are JSON objects that add up to the log, and a reader may have enough", async () => {
    await using folder = await createTempFolder();
    const { file, requests } = await writeLog(folder);
    await using running = await startWatchpost([
      "top",
      "--json",
      "--every",
      "1s",
      "--from",
      "start",
      file,
    ]);
    const sum = (): number =>
      running
        .stdout()
        .split("\n")
        .slice(0, -1)
        .reduce((all, line) => all + Number(JSON.parse(line).requests), 0);
    await waitFor("all windows", () => sum() === requests);
    assert.deepEqual(await running.stop(), { code: 0, signal: null });
  });

  test("the rules of a configuration are watched over its logs, and nothing is stored", async () => {
    await using folder = await createTempFolder();
    await writeLog(folder);
    const config = folder.join("watchpost.yml");
    await writeFile(
      config,
      [
        `data: ${folder.join("data")}`,
        "sources: { shop: { kind: access-log, files: shop.log, every: 1s } }",
        "rules: { busy: { source: shop, metric: http_requests_total, over: 10s, above: 1/s } }",
      ].join("\n"),
    );
    await using running = await startWatchpost(["top", "-c", config, "--once"]);
    assert.equal((await running.exited).code, 0, running.stderr());
    assert.match(running.stdout(), /^ \d\d:\d\d:\d\d +open +busy +shop: \d+/m);
    await assert.rejects(import("node:fs/promises").then(({ stat }) => stat(folder.join("data"))));
  });

  test("what cannot be followed is said at once", async () => {
    await using folder = await createTempFolder();
    const cases: readonly (readonly [readonly string[], RegExp])[] = [
      [["top"], /name at least one log file/],
      [["top", folder.join("none.log")], /none\.log does not exist/],
      [["top", "--every", "5", "x.log"], /--every: 5 is no duration/],
      [["top", "--once", "--json", "x.log"], /one of --once and --json/],
    ];
    for (const [args, message] of cases) {
      await using running = await startWatchpost(args);
      assert.equal((await running.exited).code, 2);
      assert.match(running.stderr(), message);
    }
  });
});
