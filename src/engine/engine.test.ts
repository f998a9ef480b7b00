import assert from "node:assert/strict";
import { DatabaseSync } from "node:sqlite";
import { suite, test } from "node:test";
import { createPuppets } from "../../test/engine-config.ts";
import { readBatches } from "../../test/engine-fixtures.ts";
import {
  nextIncidentsFile,
  startEngine as start,
  toConfigText as toText,
  within,
} from "../../test/start-engine.ts";
import { ownSource } from "../core/batch.ts";

const a = "a: { kind: counter, name: a, service: web }";
const b = "b: { kind: counter, name: b }";
const x = "x: { kind: list, name: x }";
const y = "y: { kind: list, name: y }";
const busy = "busy: { source: a, metric: n_total, over: 2s, above: 1/s }";

/** As if a later version of the program had written the file. */
function setVersion(file: string, version: number): void {
  using database = new DatabaseSync(file);
  database.exec(`PRAGMA user_version = ${version}`);
}

suite("the engine", () => {
  test("carries what sources see to outputs, totals and rules, and ticks", async () => {
    const world = await start(toText([a, b], [x], [busy]));
    const { engine, node, puppets } = world;
    const heard: string[] = [];
    engine.onIncident(({ rule, clearedAt }) => heard.push(`${rule} ${clearedAt === undefined}`));
    await node.advance(4_500);
    assert.deepEqual(engine.totalsOf("a"), [{ name: "n_total", labels: {}, value: 4 }]);
    assert.deepEqual(
      engine.sources.map(({ id, state }) => `${id} ${state}`),
      ["a ok", "b ok"],
    );
    assert.deepEqual(
      engine.incidents({ state: "open", limit: 9 }).map(({ rule }) => rule),
      ["busy"],
    );
    assert.equal(heard[0], "busy true");
    const seen = puppets.written.get("x")?.filter(({ source }) => source !== ownSource);
    assert.equal(seen?.length, 8);
    assert.equal((await readBatches(node.journal, ownSource)).length, 4);
    await world.stop();
    assert.equal(node.sleepers(), 0, "nobody is left waiting");
    assert.deepEqual(node.log, []);
  });

  test("a reload restarts what changed and nothing else", async () => {
    const world = await start(toText([a, b], [x, y]));
    const { puppets, node, engine } = world;
    puppets.events.length = 0;
    await world.reload(
      toText([a.replace("name: a", "name: a2"), b], [x, y.replace("name: y", "name: y2")]),
    );
    await node.settle();
    assert.deepEqual(puppets.events.toSorted(), ["close y", "open y2", "start a2", "stop a"]);
    puppets.events.length = 0;
    await world.reload(
      toText([b, "c: { kind: counter, name: c }"], [y.replace("name: y", "name: y2")]),
    );
    await node.settle();
    assert.deepEqual(puppets.events.toSorted(), ["close x", "start c", "stop a2"]);
    assert.deepEqual(
      engine.sources.map(({ id }) => id),
      ["b", "c"],
    );
    await world.stop();
  });

  test("a reload without a difference touches nothing, not even the rules", async () => {
    const world = await start(toText([a], [x], [busy]));
    await world.node.advance(3_500);
    world.puppets.events.length = 0;
    const rules = world.engine.readers.find(({ name }) => name === "rules");
    await world.reload(toText([a], [x], [busy]));
    assert.deepEqual(world.puppets.events, []);
    assert.ok(rules !== undefined && world.engine.readers.includes(rules));
    await world.stop();
  });

  test("a removed output's cursor is deleted, also when it was removed while the node was down", async () => {
    const world = await start(toText([a], [x, y]));
    const readers = async (): Promise<string[]> =>
      (await world.node.journal.status()).readers
        .map(({ name }) => name)
        .filter((name) => name.startsWith("output:"));
    await world.node.advance(6_000);
    assert.deepEqual(await readers(), ["output:own:page", "output:x", "output:y"]);
    await world.reload(toText([a], [x]));
    assert.deepEqual(await readers(), ["output:own:page", "output:x"]);
    await world.stop();
    const next = await start(toText([a]), { node: world.node });
    assert.deepEqual(await readers(), ["output:own:page"]);
    await next.stop();
  });

  test("an output of another kind under the same id starts without the old one's cursor", async () => {
    const world = await start(toText([a], [x]));
    await world.node.advance(6_000);
    await world.reload(toText([a], ["x: { kind: page, name: x2 }"]));
    await world.node.settle();
    const seen = world.puppets.written.get("x2")?.filter(({ source }) => source === "a");
    assert.equal(seen?.[0]?.seq, 1);
    await world.stop();
  });

  test("its own output gives way to a configured one of its kind, and comes back", async () => {
    const world = await start(toText([a]));
    const { engine } = world;
    assert.notEqual(engine.outputRoute("/own"), undefined);
    await world.reload(toText([a], ["x: { kind: page, name: x, page: /mine }"]));
    await world.node.settle();
    assert.deepEqual(
      [engine.outputRoute("/own"), engine.outputRoute("/mine")?.path],
      [undefined, "/mine"],
    );
    await world.reload(toText([a]));
    await world.node.settle();
    assert.deepEqual(
      [engine.outputRoute("/own")?.path, engine.outputRoute("/mine")],
      ["/own", undefined],
    );
    await world.stop();
  });

  test("two outputs with one path: the first serves it, and the log says so", async () => {
    const pages = ["x: { kind: page, name: x, page: /p }", "y: { kind: page, name: y, page: /p }"];
    const world = await start(toText([a], pages));
    const reply = await world.engine.outputRoute("/p")?.handle({ accept: "" });
    assert.equal(reply?.body, "x");
    assert.match(world.node.log[0] ?? "", /output y: \/p is served by output x; give one/);
    await world.stop();
  });

  test("when the incidents cannot be opened, a reload changes nothing at all", async () => {
    const incidentsFile = nextIncidentsFile();
    const later = "later: { source: b, metric: n_total, over: 6s, above: 1/s }";
    const world = await start(toText([a, b], [x], [busy, later]), { incidentsFile });
    const { node, puppets, engine } = world;
    const open = (): string[] =>
      engine.incidents({ state: "open", limit: 9 }).map(({ rule }) => rule);
    await node.advance(3_500);
    assert.deepEqual(open(), ["busy"]);
    puppets.events.length = 0;
    setVersion(incidentsFile, 99);
    await assert.rejects(world.reload(toText([b], [y], [])), /another version of Watchpost/);
    assert.deepEqual(puppets.events, []);
    assert.deepEqual([...engine.config.sources.keys()], ["a", "b"]);
    await node.advance(5_000);
    assert.deepEqual(open().toSorted(), ["busy", "later"], "the old rules go on");
    setVersion(incidentsFile, 1);
    await world.reload(toText([b], [x]));
    assert.deepEqual([...engine.config.sources.keys()], ["b"]);
    assert.deepEqual(open(), []);
    await world.stop();
  });

  test("reloads wait for one another, and each is compared with what is then running", async () => {
    const world = await start(toText([a]));
    const { puppets, engine, node } = world;
    const [first, second] = [toText([a, b]), toText([b, "c: { kind: counter, name: c }"])];
    await within(
      node,
      Promise.all([engine.reload(puppets.parse(first)), engine.reload(puppets.parse(second))]),
    );
    await node.settle();
    assert.deepEqual(
      puppets.events.filter((event) => event.startsWith("start")),
      ["start a", "start b", "start c"],
    );
    assert.deepEqual(
      engine.sources.map(({ id }) => id),
      ["b", "c"],
    );
    await world.stop();
  });

  test("a reload while it stops is refused; one that runs is finished first", async () => {
    const world = await start(toText([a, b]));
    const { puppets, engine, node } = world;
    const free = Promise.withResolvers<void>();
    puppets.onStep.set("a", () => free.promise);
    await node.advance(1_500);
    const running = engine.reload(puppets.parse(toText([b, "c: { kind: counter, name: c }"])));
    await node.settle();
    const stopping = engine[Symbol.asyncDispose]();
    const refused = assert.rejects(engine.reload(puppets.parse(toText([b]))), /stopping/);
    free.resolve();
    await within(node, Promise.all([running, stopping, refused]));
    assert.equal(node.sleepers(), 0);
    const count = (what: string): number =>
      puppets.events.filter((each) => each.startsWith(what)).length;
    assert.deepEqual([count("start"), count("stop")], [3, 3]);
    assert.equal(count("open"), count("close"));
    await world.stop();
  });

  test("one target's failure leaves the others running", async () => {
    const puppets = createPuppets();
    puppets.onStep.set("a", () => {
      throw new Error("a is broken");
    });
    puppets.onOpen.set("x", () => {
      throw new Error("x is broken");
    });
    const world = await start(toText([a, b], [x, y]), { puppets });
    await world.node.advance(10_000);
    const { engine } = world;
    assert.deepEqual(
      engine.sources.map(({ state, problem }) => [state, problem]),
      [
        ["failing", "a is broken"],
        ["ok", undefined],
      ],
    );
    assert.equal(engine.readers.find(({ name }) => name === "output:x")?.lastError, "x is broken");
    assert.ok((puppets.written.get("y")?.length ?? 0) > 9);
    await world.stop();
  });

  test("a listener that throws costs nobody an incident, and nothing is judged twice", async () => {
    const world = await start(toText([a], [], [busy]));
    const heard: number[] = [];
    world.engine.onIncident(() => {
      throw new Error("gone");
    });
    const stop = world.engine.onIncident(({ value }) => heard.push(value));
    await world.node.advance(5_500);
    assert.deepEqual(heard, [1]);
    assert.equal(world.engine.readers.find(({ name }) => name === "rules")?.errors, 0);
    assert.match(world.node.log.join("\n"), /a listener failed: gone/);
    stop();
    await world.stop();
  });

  test("a source's incident is cleared with it, and what it wrote last opens no other", async () => {
    const world = await start(toText([a, b], [], [busy.replace("source: a, ", "")]));
    await world.node.advance(3_500);
    const open = (): string[] =>
      world.engine.incidents({ state: "open", limit: 9 }).map(({ source }) => source);
    assert.deepEqual(open().toSorted(), ["a", "b"]);
    await world.reload(toText([b], [], [busy.replace("source: a, ", "")]));
    await world.node.advance(5_000);
    assert.deepEqual(open(), ["b"]);
    await world.stop();
  });

  test("what the rules read of a source after it was removed opens nothing", async () => {
    const any = busy.replace("source: a, ", "");
    const world = await start(toText([a, b], [], [any]));
    world.node.journal.fail("read");
    await world.node.advance(4_500);
    await world.reload(toText([b], [], [any]));
    world.node.journal.mend();
    await world.node.advance(60_000);
    const seen = world.engine.incidents({ state: "all", limit: 9 });
    assert.deepEqual(
      seen.map(({ source }) => source),
      ["b"],
    );
    await world.stop();
  });

  test("what the totals read of a source after it was removed brings nothing back", async () => {
    const world = await start(toText([a, b]));
    const { node, engine } = world;
    await node.advance(2_500);
    node.journal.fail("read");
    await node.advance(4_000);
    await world.reload(toText([b]));
    node.journal.mend();
    await node.advance(60_000);
    assert.deepEqual(engine.totalsOf("a"), []);
    assert.ok((engine.totalsOf("b")[0]?.value ?? 0) > 60);
    assert.notDeepEqual(engine.totalsOf(ownSource), []);
    await world.stop();
  });

  test("a source that was removed while the node was down has no totals", async () => {
    const first = await start(toText([a, b]));
    await first.node.advance(2_500);
    await first.stop();
    const second = await start(toText([b]), { node: first.node });
    assert.deepEqual(second.engine.totalsOf("a"), []);
    assert.equal(second.engine.totalsOf("b")[0]?.value, 2);
    await second.stop();
  });

  test("a removed source ends with an empty window, and its totals are forgotten", async () => {
    const world = await start(toText([a, b]));
    await world.node.advance(2_500);
    await world.reload(toText([b]));
    await world.node.settle();
    const last = (await readBatches(world.node.journal, "a")).at(-1);
    assert.deepEqual([last?.samples, last?.service, last?.more], [[], "web", false]);
    assert.deepEqual(world.engine.totalsOf("a"), []);
    await world.stop();
  });

  test("stopping is bounded: who ignores it is named, and everyone else is committed", async () => {
    const puppets = createPuppets();
    const world = await start(toText([a, b], [x, y]), { puppets });
    const { node } = world;
    await node.advance(3_500);
    puppets.onStep.set("a", () => new Promise(() => {}));
    puppets.onOpen.set("z", () => new Promise(() => {}));
    await world.reload(toText([a, b], [x, y, "z: { kind: list, name: z }"]));
    await node.advance(2_000);
    const begun = node.environment.clock.monotonic();
    await world.stop();
    assert.ok(node.environment.clock.monotonic() - begun <= 4_200);
    const named = node.log.filter((line) => line.includes("left behind"));
    assert.deepEqual(named, [
      "error source a has not stopped within 1s500ms; it is left behind",
      "error output:z has not stopped within 2s500ms; it is left behind",
    ]);
    const { readers } = await node.journal.status();
    const lags = readers.map(({ name, lag }) => `${name} ${lag.batches}`);
    assert.deepEqual(lags, ["output:own:page 0", "output:x 0", "output:y 0", "totals 0"]);
    assert.ok(puppets.events.includes("close x") && puppets.events.includes("close y"));
  });

  test("with a full disk sources and ticks stand still and say why; with room all go on", async () => {
    const world = await start(toText([a, b], [x], [busy]));
    const { node, engine } = world;
    await node.advance(2_500);
    node.journal.fail("append", "saveReader");
    await node.advance(60_000);
    const before = (await readBatches(node.journal.inner)).length;
    await node.advance(60_000);
    assert.equal((await readBatches(node.journal.inner)).length, before);
    for (const { state, problem } of engine.sources) {
      assert.equal(state, "failing");
      assert.match(problem ?? "", /cannot write to the journal.*full/);
    }
    assert.match(node.log.join("\n"), /warn source watchpost: cannot write to the journal/);
    node.journal.mend();
    await node.advance(30_000);
    assert.ok(engine.sources.every(({ state }) => state === "ok"));
    const ticks = await readBatches(node.journal, ownSource);
    assert.ok(ticks.every(({ from }, i) => i === 0 || from === ticks[i - 1]?.to));
    await world.stop();
  });

  test("a second life goes on where the first one ended", async () => {
    const incidentsFile = nextIncidentsFile();
    const first = await start(toText([a], [x], [busy]), { incidentsFile });
    await first.node.advance(4_500);
    await first.stop();
    const second = await start(toText([a], [x], [busy]), { node: first.node, incidentsFile });
    await second.node.advance(3_500);
    assert.deepEqual(second.engine.totalsOf("a")[0]?.value, 7);
    const again = second.puppets.written.get("x")?.filter(({ source }) => source === "a");
    assert.deepEqual(
      again?.map(({ seq }) => seq),
      [5, 6, 7],
    );
    assert.equal(second.engine.incidents({ state: "all", limit: 9 }).length, 1);
    await second.stop();
  });

  test("when the last commits fail it stops all the same", async () => {
    const world = await start(toText([a], [x], [busy]));
    await world.node.advance(2_500);
    world.node.journal.fail("append", "saveReader");
    await world.stop();
    assert.match(world.node.log.join("\n"), /the totals were not saved/);
    assert.throws(() => world.engine.incidents({ state: "all", limit: 1 }), "the rules are closed");
  });
});
