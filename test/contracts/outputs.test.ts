// Runs over every output: what is promised in its definition is what happens.
import assert from "node:assert/strict";
import { globSync } from "node:fs";
import path from "node:path";
import test from "node:test";
import { z } from "zod";
import { secretsIn } from "../../src/config/_find-secrets.ts";
import { batchBytesMax, type Batch } from "../../src/core/batch.ts";
import type { OpenOutput, Output, OutputExample } from "../../src/core/component.ts";
import { Corrupt } from "../../src/core/errors.ts";
import { count, gauge } from "../../src/core/sample.ts";
import { outputs } from "../../src/outputs/index.ts";
import { findUndescribed } from "../find-undescribed.ts";
import { type FakeWorld, createWorld } from "../world.ts";

const folder = path.join(import.meta.dirname, "../../src/outputs");
const never = new AbortController().signal;

test("every file in src/outputs is in the list, in order of names", () => {
  const names = globSync("*.ts", { cwd: folder })
    .map((file) => path.basename(file, ".ts"))
    .filter((name) => name !== "index" && !name.endsWith(".test") && !name.startsWith("_"));
  assert.deepEqual(
    outputs.map(({ name }) => name),
    names.toSorted(),
  );
});

for (const output of outputs) {
  const [{ given }] = output.examples;

  test(`${output.name}: the form is complete`, () => {
    assert.match(output.summary, /^[A-Z][a-z]+s .+\.$/, "the summary starts with a verb");
    assert.deepEqual(findUndescribed(z.toJSONSchema(output.options, { io: "input" })), []);
    assert.equal(new Set(output.examples.map(({ title }) => title)).size, output.examples.length);
  });

  for (const example of output.examples) {
    test(`${output.name}: ${example.title}`, async () => {
      const world = createWorld(example.given);
      const options = parseOptions(output, example);
      const { metrics } = example;
      await using opened = await output.open(options, world.context({ metrics }));
      await opened.write(example.batches, never);
      const { printed = "", files = {}, routes = {}, conversations = {} } = example.expect;
      const { posted = {}, sent = {} } = example.expect;
      assert.deepEqual(await serve(opened), routes);
      assert.equal(world.printed(), printed);
      assert.deepEqual(world.disk.texts(), files);
      assert.deepEqual(world.posted, posted);
      assert.deepEqual(world.sent, sent);
      for (const [place, { ask, answer }] of Object.entries(conversations)) {
        assert.equal(await converse(world, place, ask), answer);
      }
    });
  }

  test(`${output.name}: may be opened twice, and each be closed twice`, async () => {
    const world = createWorld(given);
    const [first, second] = [await open(output, world), await open(output, world)];
    await first.write(batches, never);
    await first[Symbol.asyncDispose]();
    await first[Symbol.asyncDispose]();
    await second.write(batches, never);
    await second[Symbol.asyncDispose]();
    await second[Symbol.asyncDispose]();
  });

  test(`${output.name}: writes nothing once it is aborted, and everything the next time`, async () => {
    const [world, other] = [createWorld(given), createWorld(given)];
    await using opened = await open(output, world);
    const stop = new AbortController();
    stop.abort(new Error("stopped"));
    await assert.rejects(opened.write(batches, stop.signal), /stopped/);
    await opened.write(batches, never);
    await using expected = await open(output, other);
    await expected.write(batches, never);
    assert.deepEqual(await see(opened, world), await see(expected, other));
  });

  test(`${output.name}: what it does does not depend on how batches are cut into writes`, async () => {
    const [world, other] = [createWorld(given), createWorld(given)];
    await using one = await open(output, world);
    await one.write(batches, never);
    await using many = await open(output, other);
    for (const each of batches) {
      await many.write([each], never);
    }
    await many.write([], never);
    assert.deepEqual(settle(output, await see(many, other)), settle(output, await see(one, world)));
  });

  test(`${output.name}: goes on with its state as if it had never stopped`, async () => {
    const [world, other] = [createWorld(given), createWorld(given)];
    await using whole = await open(output, world);
    await whole.write(batches, never);
    let state: Uint8Array | undefined;
    for (const half of [batches.slice(0, 3), batches.slice(3)]) {
      await using part = await open(output, other, state);
      await part.write(half, never);
      state = part.state?.();
    }
    await using last = await open(output, other, state);
    assert.deepEqual(
      settle(output, await see(last, other)),
      settle(output, await see(whole, world)),
    );
    assert.deepEqual(last.state?.(), whole.state?.());
  });

  test(`${output.name}: state that it cannot have written is Corrupt, or none of its business`, async () => {
    const world = createWorld(given);
    const opening = open(output, world, Uint8Array.of(255, 255, 255));
    await using probe = await open(output, world);
    if (probe.state === undefined) {
      await (await opening)[Symbol.asyncDispose]();
    } else {
      await assert.rejects(opening, Corrupt);
    }
  });

  test(`${output.name}: takes the largest batch, an empty one and every mark`, async () => {
    await using opened = await open(output, createWorld(given));
    const event = { at: 0, name: "e", labels: {}, text: "x".repeat(batchBytesMax) };
    const marks = { more: true, partial: true, backfill: true };
    await opened.write(
      [toBatch(1, { events: [event] }), toBatch(2, { samples: [], ...marks })],
      never,
    );
  });
}

/** With its example's options. */
function open(output: Output, world: FakeWorld, state?: Uint8Array): Promise<OpenOutput> {
  const [first]: readonly [OutputExample<z.ZodObject>, ...unknown[]] = output.examples;
  return output.open(parseOptions(output, first), world.context({ state }));
}

/** As the configuration does: with its secrets resolved. */
function parseOptions(
  output: Output,
  { options, given = {} }: OutputExample<z.ZodObject>,
): z.output<z.ZodObject> {
  const parsed = output.options.parse(options);
  for (const { secret } of secretsIn(parsed, [])) {
    const name = "env" in secret.place ? secret.place.env : secret.place.file;
    secret.resolve(given.secrets?.[name] ?? "");
  }
  return parsed;
}

/** Lines of several batches go into one request or datagram: where one ends says nothing. */
const manyInOne: ReadonlySet<string> = new Set(["influx", "statsd"]);

/** So do series, each with its samples of all batches: their reader tests that these are in order. */
const bySeries: ReadonlySet<string> = new Set(["remote-write"]);

/** What a protocol says besides, once a connection or a write. */
const chatter: Readonly<Record<string, RegExp>> = { nats: /^(?:CONNECT .*|PING)\r\n/gm };

/** What is sent replaces what was sent before, so that of several batches in one write only the result is. */
const latestOnly: ReadonlySet<string> = new Set(["prtg"]);

interface Seen {
  readonly routes: Readonly<Record<string, string>>;
  readonly printed: string;
  readonly files: Readonly<Record<string, string>>;
  readonly posted: FakeWorld["posted"];
  readonly sent: FakeWorld["sent"];
}

/** What lasts of what was seen: where one connection ended and the next began says nothing. */
function settle({ name }: Output, { sent, ...rest }: Seen): Seen {
  const joined = Object.entries(sent).map(([place, texts]) => [
    place,
    place.startsWith("tcp:")
      ? [texts.join("").replaceAll(chatter[name] ?? /(?!)/g, "")]
      : joinLines(name, texts),
  ]);
  const posted = Object.entries(rest.posted).map(([url, bodies]) => {
    const lasting = latestOnly.has(name) ? bodies.slice(-1) : bodies;
    return [url, joinLines(name, lasting)];
  });
  return { ...rest, sent: Object.fromEntries(joined), posted: Object.fromEntries(posted) };
}

function joinLines(name: string, texts: readonly string[]): readonly string[] {
  if (name === "otlp") {
    return texts.flatMap((text) => {
      const { resourceMetrics }: { readonly resourceMetrics: readonly unknown[] } =
        JSON.parse(text);
      return resourceMetrics.map((resource) => JSON.stringify(resource));
    });
  }
  if (bySeries.has(name)) {
    return texts.flatMap((text) => text.split("\n")).toSorted();
  }
  return manyInOne.has(name) ? texts.flatMap((text) => text.trimEnd().split("\n")) : texts;
}

/** Everything that can be seen from outside. */
async function see(opened: OpenOutput, world: FakeWorld): Promise<Seen> {
  const routes = await serve(opened);
  const { posted, sent } = world;
  return { routes, printed: world.printed(), files: world.disk.texts(), posted, sent };
}

/** The whole of what is answered to a client that sends `ask` and then ends. */
async function converse(world: FakeWorld, place: string, ask: string): Promise<string> {
  const [, host = "", port = ""] = /^(.*):(\d+)$/.exec(place) ?? [];
  const { network } = world.context();
  await using connection = await network.connect({ host, port: Number(port) }, { signal: never });
  await connection.write(ask);
  await connection.end();
  return Buffer.concat(await Array.fromAsync(connection.chunks)).toString();
}

async function serve({ routes = [] }: OpenOutput): Promise<Record<string, string>> {
  const bodies: Record<string, string> = {};
  for (const route of routes) {
    assert.match(route.summary, /\.$/);
    const reply = await route.handle({ accept: "*/*" });
    assert.equal(reply.status, 200);
    assert.ok(reply.headers["content-type"]);
    bodies[route.path] = Buffer.from(reply.body).toString();
  }
  return bodies;
}

function toBatch(seq: number, changes: Partial<Batch> = {}): Batch {
  const window = { from: seq * 1000, to: seq * 1000 + 1000 };
  const samples = [count("n_total", seq, { k: "v" }), gauge(`g_${seq % 2}`, seq)];
  const nothing = { tops: [], events: [], more: false, partial: false, backfill: false };
  return { source: "shop", service: "web", seq, ...window, samples, ...nothing, ...changes };
}

const batches = [1, 2, 3, 4, 5].map((seq) => toBatch(seq));
