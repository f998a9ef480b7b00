// Debian's munin-update writes RRDs from a running node in every mode, at 10 s too, with every request in them although
// the node is killed and the master away meanwhile.
import assert from "node:assert/strict";
import { appendFile, symlink, writeFile } from "node:fs/promises";
import path from "node:path";
import test from "node:test";
import {
  createTempFolder,
  findFreePort,
  type Running,
  skipWithout,
  startProcess,
  startWatchpost,
  type TempFolder,
  waitFor,
  waitForPort,
} from "./harness.ts";
import { type MuninMaster, createMuninMaster, talkToNode } from "./servers/munin.ts";

const skip = skipWithout("/usr/share/munin/munin-update", "rrdtool");
const modes = ["spool", "dirtyconfig", "plain"] as const;
const calls = "node-elfstats_api_total_calls-cart-g.rrd";
/** Points of ten seconds: the first two, and those after the restart. */
const pointsTimeoutMs = 60_000;

test("a Munin master gets every request, in all modes", { skip, timeout: 240_000 }, async () => {
  await using folder = await createTempFolder();
  const fine = await findFreePort();
  const ports = new Map<string, number>([["fine", fine]]);
  for (const mode of modes) {
    ports.set(mode, await findFreePort());
  }
  await writeFile(folder.join("watchpost.yml"), toConfig(folder, await findFreePort(), ports));
  await writeFile(folder.join("access.log"), "");
  await using started = new AsyncDisposableStack();
  let node = started.use(await start(folder, fine));
  const masters = new Map<string, MuninMaster>();
  for (const [name, port] of ports) {
    masters.set(name, started.use(await createMuninMaster(port)));
  }
  const beginS = seconds() - 60;
  await writeLines(folder, 300);
  await waitForCalls(fine, 300, node);
  for (const master of masters.values()) {
    await master.update();
  }
  const askedS = seconds();
  await writeLines(folder, 100);
  await node.kill();
  await writeLines(folder, 100);
  node = started.use(await start(folder, fine));
  await waitForCalls(fine, 500, node);
  await waitFor("news of the check", async () => {
    const text = await talkToNode(fine, ["fetch watchpost_home", "quit"]);
    return Number(/.*value (\d+):[\d.]+\n/s.exec(text)?.[1]) > askedS;
  });

  for (const [name, master] of masters) {
    const log = await master.update();
    const bad = /\[(?:WARNING|ERROR|FATAL)\]|Protocol exception|lines had errors|collision/;
    assert.deepEqual(
      log.split("\n").filter((line) => bad.test(line)),
      [],
      `${name}: ${log}`,
    );
    assert.equal(/"spoolfetch \d+/.test(log), name === "spool" || name === "fine", name);
    assert.equal(/"fetch \w+/.test(log), name === "plain", name);
    const { stepS, heartbeatS, values, lastUpdateS } = await master.read(calls, beginS);
    assert.ok(lastUpdateS > beginS + 60, `${name}: ${lastUpdateS}`);
    if (name === "fine") {
      assert.deepEqual({ stepS, heartbeatS }, { stepS: 10, heartbeatS: 20 });
      const total = values.reduce((sum, [, value]) => sum + value / 30, 0);
      assert.equal(Math.round(total * 1e6) / 1e6, 500);
    } else {
      assert.deepEqual({ stepS, heartbeatS }, { stepS: 300, heartbeatS: 600 });
    }
    const files = await master.files();
    for (const graph of ["elfstats_response_codes_2XX-_00", "elfstats_total_records-error"]) {
      assert.ok(files.includes(`node-${graph}-g.rrd`), `${name}: ${files.join(" ")}`);
    }
    assert.ok(files.includes("node-home_check_up-value-g.rrd"));
  }
});

test(
  "watchpost munin is a plugin: autoconf, suggest, config, values",
  { timeout: 120_000 },
  async () => {
    await using folder = await createTempFolder();
    const port = await findFreePort();
    const env = { WATCHPOST_MUNIN: `127.0.0.1:${port}` };
    const none = await run(startWatchpost(["munin", "elfstatsm_calls", "autoconf"], { env }));
    assert.match(none, /^no \(.+ECONNREFUSED.+\)\n$/);

    const ports = new Map([["plain", port]]);
    await writeFile(folder.join("watchpost.yml"), toConfig(folder, await findFreePort(), ports));
    await writeFile(folder.join("access.log"), "");
    await using node = await start(folder, port);
    await writeLines(folder, 30);
    await waitForCalls(port, 30, node);
    await waitFor("the check's graphs", async () =>
      (await talkToNode(port, ["cap multigraph", "list", "quit"])).includes("watchpost_home"),
    );
    const link = folder.join("watchpost_home");
    await symlink(path.resolve(import.meta.dirname, "../../src/main.ts"), link);
    const linked = startProcess(process.execPath, [link, "config"], { env });
    const [autoconf, suggest, config, values] = await Promise.all([
      run(startWatchpost(["munin", "elfstatsm_calls", "autoconf"], { env })),
      run(startWatchpost(["munin", "watchpost_", "suggest"], { env })),
      run(linked),
      run(startWatchpost(["munin", "elfstatsm_calls"], { env })),
    ]);
    assert.equal(autoconf, "yes\n");
    assert.match(suggest, /^home$/m);
    assert.match(config, /^multigraph home_check_up\ngraph_title /);
    assert.ok(!config.includes("\n.\n"), "the protocol's end is not the plugin's");
    assert.match(values, /^multigraph elfstats_api_total_calls\ncart\.value \d+:[\d.]+\n/);
  },
);

function seconds(): number {
  return Math.floor(Date.now() / 1000);
}

/** What it printed; it has to end well. */
async function run(starting: Promise<Running>): Promise<string> {
  const running = await starting;
  assert.deepEqual(await running.exited, { code: 0, signal: null }, running.output());
  return running.stdout();
}

function toConfig(folder: TempFolder, port: number, ports: ReadonlyMap<string, number>): string {
  const outputs = [...ports].map(([name, at]) => {
    const how = name === "fine" ? "mode: spool, resolution: 10s" : `mode: ${name}`;
    return `  ${name}: { kind: munin, listen: "127.0.0.1:${at}", primary: shop, except: ["watchpost_*"], ${how} }\n`;
  });
  return `node: { name: e2e }
server: { listen: "127.0.0.1:${port}" }
outputs:
${outputs.join("")}sources:
  home: { kind: http, url: "http://127.0.0.1:${port}/healthz", every: 5s }
  shop:
    kind: access-log
    files: ${folder.join("access.log")}
    from: start
    every: 1s
    groups: [{ match: "^/(?<group>api)/(?<method>\\\\w+)" }]
`;
}

async function start(folder: TempFolder, port: number): Promise<Running> {
  const running = await startWatchpost(["run", "-c", folder.join("watchpost.yml")]);
  await waitForPort(port, running);
  return running;
}

async function writeLines(folder: TempFolder, lines: number): Promise<void> {
  const time = new Date()
    .toUTCString()
    .replace(/^\w+, (\d+) (\w+) (\d+) (\S+) GMT$/, "$1/$2/$3:$4 +0000");
  const line = `192.0.2.7 - - [${time}] "GET /api/cart HTTP/1.1" 200 5 "-" "-" 0.1\n`;
  await appendFile(folder.join("access.log"), line.repeat(lines));
}

/** Until the node itself tells of so many; a call in ten seconds is thirty in five minutes. */
async function waitForCalls(port: number, wanted: number, node: Running): Promise<void> {
  let last = "";
  const total = async (): Promise<boolean> => {
    last = await talkToNode(port, ["cap multigraph", "fetch elfstatsm_calls", "quit"]);
    const [first = ""] = last.split("multigraph ").filter((part) => part.includes("total_calls"));
    const points = [...first.matchAll(/^cart\.value (\d+):([\d.]+)$/gm)];
    const times = points.map(([, atS]) => Number(atS));
    const spans = times.map((atS, i) => (i === 0 ? 10 : atS - (times[i - 1] ?? 0)));
    const sum = points.reduce(
      (all, [, , value], i) => all + (Number(value) * (spans[i] ?? 0)) / 300,
      0,
    );
    return Math.round(sum) === wanted;
  };
  await waitFor(`${wanted} calls`, total, { process: node, timeoutMs: pointsTimeoutMs });
}
