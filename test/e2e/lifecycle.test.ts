// Starting, stopping, reloading and refusing, as a person at a terminal sees it.
import assert from "node:assert/strict";
import { appendFile, writeFile } from "node:fs/promises";
import test from "node:test";
import {
  createTempFolder,
  findFreePort,
  type Running,
  startWatchpost,
  waitFor,
} from "./harness.ts";

test("SIGTERM and SIGINT stop within 5 s, with exit code 0", async () => {
  for (const signal of ["SIGTERM", "SIGINT"] as const) {
    await using node = await startNode();
    node.process.signal(signal);
    const stopped = await Promise.race([node.process.exited, timeUp(5_000)]);
    assert.deepEqual(stopped, { code: 0, signal: null });
    assert.equal(
      node.process.stdout(),
      "",
      "nothing but a command's result goes to standard output",
    );
  }
});

test("a second node on one data folder refuses and names the first", async () => {
  await using node = await startNode();
  await writeFile(
    node.join("second.yml"),
    toConfig(await findFreePort()).replace("first", "second"),
  );
  await using second = await startWatchpost(["run", "-c", node.join("second.yml")]);
  assert.deepEqual(await second.exited, { code: 2, signal: null });
  assert.match(second.stderr(), /in use by node "first" \(process \d+, running since \d{4}-/);
  assert.ok((await fetch(node.url)).ok, "the first goes on");
});

test("SIGHUP applies a changed file; only what changed restarts, a bad file changes nothing", async () => {
  await using node = await startNode();
  await waitForSource(node, "log", ({ state }) => state === "ok");
  const before = await fetchSources(node);
  await writeFile(
    node.join("watchpost.yml"),
    toConfig(node.port).replace(
      "rules: {}",
      "  added: { kind: access-log, files: added.log }\nrules: {}",
    ),
  );
  node.process.signal("SIGHUP");
  const added = await waitForSource(node, "added", ({ state }) => state !== "starting");
  assert.match(
    added.problem ?? "",
    /added\.log/,
    "a missing log is reported under its source's name",
  );
  const after = await fetchSources(node);
  assert.equal(
    after.find(({ id }) => id === "log")?.stateSince,
    before.find(({ id }) => id === "log")?.stateSince,
    "the other source went on undisturbed",
  );

  await writeFile(node.join("watchpost.yml"), "sources: { log: { kind: access-log } }\nextra: 1\n");
  node.process.signal("SIGHUP");
  await waitFor("the refusal", () => node.process.stderr().includes("not applied"), node);
  assert.match(node.process.stderr(), /watchpost\.yml:2:1 extra/);
  assert.deepEqual((await fetchSources(node)).map(({ id }) => id).toSorted(), ["added", "log"]);
});

test("a log that appears, vanishes and comes back is followed", async () => {
  await using node = await startNode();
  const line = '192.0.2.1 - - [20/Nov/2026:16:00:00 +0000] "GET / HTTP/1.1" 200 1 "-" "-"\n';
  await appendFile(node.join("access.log"), `${line}${line}not a line\n`);
  const source = await waitForSource(node, "log", ({ totals }) => sumLines(totals) === 3);
  const unparsed = source.totals.find(({ labels }) => labels.outcome === "unparsed");
  assert.equal(unparsed?.value, 1);
});

test("an address that others can reach needs a token", async () => {
  await using folder = await createTempFolder();
  await writeFile(folder.join("open.yml"), 'server: { listen: "0.0.0.0:0" }\nsources: {}\n');
  await using refused = await startWatchpost(["run", "-c", folder.join("open.yml")]);
  assert.deepEqual(await refused.exited, { code: 2, signal: null });
  assert.match(refused.stderr(), /open\.yml:1:19 server\.listen: lets other machines in/);
});

test("a wrong command line and a missing file are one clear sentence and exit code 2", async () => {
  for (const [args, expected] of [
    [["rnu"], /unknown command 'rnu'/],
    [["run", "-c", "/nowhere/watchpost.yml"], /\/nowhere\/watchpost\.yml/],
    [["config", "check", "/nowhere/watchpost.yml"], /\/nowhere\/watchpost\.yml/],
  ] as const) {
    await using running = await startWatchpost(args);
    assert.deepEqual(await running.exited, { code: 2, signal: null });
    assert.match(running.stderr(), expected);
    assert.doesNotMatch(running.stderr(), /\n\s+at /, "no stack trace");
  }
});

interface StartedNode extends AsyncDisposable {
  readonly process: Running;
  readonly port: number;
  readonly url: string;
  join(name: string): string;
}

async function startNode(): Promise<StartedNode> {
  await using cleanUp = new AsyncDisposableStack();
  const folder = cleanUp.use(await createTempFolder());
  const port = await findFreePort();
  await writeFile(folder.join("watchpost.yml"), toConfig(port));
  await writeFile(folder.join("access.log"), "");
  const process = cleanUp.use(await startWatchpost(["run", "-c", folder.join("watchpost.yml")]));
  const url = `http://127.0.0.1:${port}/`;
  await waitFor("the address", () => process.stderr().includes(url), { process });
  const owned = cleanUp.move();
  return {
    process,
    port,
    url,
    join: folder.join,
    [Symbol.asyncDispose]: () => owned.disposeAsync(),
  };
}

function toConfig(port: number): string {
  return `node: { name: first }
server: { listen: "127.0.0.1:${port}" }
sources:
  log: { kind: access-log, files: access.log, from: start, every: 1s }
rules: {}
`;
}

interface SourceAnswer {
  readonly id: string;
  readonly state: string;
  readonly stateSince: string;
  readonly problem: string | null;
  readonly totals: readonly {
    readonly name: string;
    readonly labels: Readonly<Record<string, string>>;
    readonly value: number;
  }[];
}

async function fetchSources({ url }: StartedNode): Promise<readonly SourceAnswer[]> {
  const response = await fetch(`${url}api/v1/sources`);
  return ((await response.json()) as { sources: readonly SourceAnswer[] }).sources;
}

function waitForSource(
  node: StartedNode,
  id: string,
  isReached: (source: SourceAnswer) => boolean,
): Promise<SourceAnswer> {
  const probe = async (): Promise<SourceAnswer | undefined> =>
    (await fetchSources(node)).find((source) => source.id === id && isReached(source));
  return waitFor(`source ${id}`, probe, node);
}

function sumLines(totals: SourceAnswer["totals"]): number {
  return totals
    .filter(({ name }) => name === "log_lines_total")
    .reduce((sum, { value }) => sum + value, 0);
}

async function timeUp(ms: number): Promise<string> {
  const { promise, resolve } = Promise.withResolvers<string>();
  setTimeout(() => resolve(`still running after ${ms} ms`), ms).unref();
  return promise;
}
