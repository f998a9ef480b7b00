// A converted configuration of HttpMonitor on a log that grows: the regression tests of HttpMonitor itself.
import assert from "node:assert/strict";
import { suite, test } from "node:test";
import { convertHttpmonitor } from "../../src/config/convert/httpmonitor.ts";
import { parseConfig } from "../../src/config/parse-config.ts";
import type { SourceConfig } from "../../src/config/config.ts";
import { parts } from "../../src/engine/parts.ts";
import { type FakeWorld, createWorld } from "../world.ts";

const startMs = Date.parse("2016-11-20T16:01:00Z");
const oldLine = '127.0.0.1 - ann [20/Nov/2016:16:00:59 +0000] "GET /old HTTP/1.0" 200 1';

/** What is printed while so many lines a second are written to the log. */
async function print(
  { frequencies, config, legacy }: Run,
  format = (line: string): string => line,
): Promise<string> {
  const appended = frequencies.map((hits, at) => ({
    afterMs: 500 + at * 1000,
    path: "/var/log/access.log",
    text: toLines(at, hits)
      .map((line) => `${format(line)}\n`)
      .join(""),
  }));
  const world = createWorld({
    now: new Date(startMs).toISOString(),
    files: { "/var/log/access.log": `${oldLine}\n`.repeat(100) },
    appended,
  });
  const { source, options } = read(convertHttpmonitor(config, "config.cfg"));
  const output = parts.outputs.find(({ name }) => name === "httpmonitor");
  assert.ok(output);
  const given = { ...options, legacy, timezone: "Europe/Madrid" };
  await using opened = await output.open(given, world.context());
  let seq = 0;
  for await (const seen of follow(source, world)) {
    seq++;
    const marks = { more: false, partial: false, backfill: seen.backfill ?? false };
    const rest = { tops: seen.tops ?? [], events: [] };
    const { from, to, samples } = seen;
    const batch = { source: source.id, service: "", seq, from, to, samples, ...rest, ...marks };
    await opened.write([batch], new AbortController().signal);
    if (to >= startMs + (frequencies.length + 1) * 1000) {
      break;
    }
  }
  return world.printed();
}

interface Run {
  readonly frequencies: readonly number[];
  /** Of HttpMonitor. */
  readonly config: string;
  readonly legacy: "off" | "strict";
}

function read(text: string): { readonly source: SourceConfig; readonly options: object } {
  const { config, problems } = parseConfig({ text, file: "w.yml", parts, hostName: "test" });
  assert.deepEqual(problems, []);
  const [source] = config?.sources.values() ?? [];
  const options = config?.outputs.get("httpmonitor")?.options;
  assert.ok(source && options);
  return { source, options };
}

function follow({ kind, options, everyMs }: SourceConfig, world: FakeWorld) {
  const source = parts.sources.find(({ name }) => name === kind);
  assert.ok(source && "follow" in source);
  return source.follow(options, world.context({ everyMs }));
}

function toLines(second: number, hits: number): readonly string[] {
  const time = `20/Nov/2016:16:01:${String(second).padStart(2, "0")} +0000`;
  const user = second % 2 === 0 ? "-" : "frank";
  const line = `127.0.0.1 - ${user} [${time}] "GET /api/${second}?x=1 HTTP/1.0" 200 1234`;
  return Array.from({ length: hits }, () => line);
}

function toText(hits: number | undefined, second: number): string {
  const what = hits === undefined ? "recovered" : `generated an alert - hits = ${hits}, triggered`;
  return `"High traffic ${hits === undefined ? "alert " : ""}${what} at 2016-11-20T17:01:0${second}"\n`;
}

const noLog = "[Logging]\nlog_to_stdout = False\n";
const vectors = [
  [[2, 4, 4, 3, 2, 1], "3, 2", toText(3, 1) + toText(undefined, 4)],
  [[2, 4, 3, 3, 5, 2, 1, 1], "3, 3", toText(3, 2) + toText(undefined, 6)],
  [[2, 4, 3, 3, 5, 2, 1, 1], "4, 2", toText(4, 4) + toText(undefined, 5)],
] as const;

for (const legacy of ["off", "strict"] as const) {
  suite(`on a log that grows, with legacy: ${legacy}`, () => {
    for (const [frequencies, alert, expected] of vectors) {
      test(`${frequencies.join(", ")} hits over (${alert})`, async () => {
        const config = `[Alerts]\na = ${alert}\n${noLog}`;
        assert.equal(await print({ frequencies, config, legacy }), expected);
      });
    }
  });
}

test("statistics are told of what was written", async () => {
  const config = `[Stats]\ninterval = 2\n[Alerts]\n${noLog}`;
  const printed = await print({ frequencies: [3, 1, 0, 0], config, legacy: "off" });
  const [first = "", second = ""] = printed.split("\n");
  assert.deepEqual(JSON.parse(first), {
    time: "2016-11-20T17:01:00",
    transactions_per_second: 2,
    most_hits: ["/api/0", "/api/1"],
    most_active_users: [null, "frank"],
    status_codes: { "2xx": 4, "3xx": 0, "4xx": 0, "5xx": 0 },
    tps: 2,
  });
  assert.equal(JSON.parse(second).tps, 0);
});

test("lines with more behind them are taken, as they were", async () => {
  const run: Run = {
    frequencies: [2, 4, 4, 3, 2, 1],
    config: `[Alerts]\na = 3, 2\n${noLog}`,
    legacy: "off",
  };
  const printed = await print(run, (line) => `${line} "https://a.example/" "an agent" more`);
  assert.equal(printed, vectors[0][2]);
});
