// A converted configuration of elfstatsd, fed with a log of 20 000 odd lines, against a report that was worked out from
// the lines by the rules of elfstatsd alone.
import assert from "node:assert/strict";
import { test } from "node:test";
import { parseConfig } from "../../src/config/parse-config.ts";
import { convertElfstatsd } from "../../src/config/convert/elfstatsd.ts";
import type { Batch } from "../../src/core/batch.ts";
import type { ContinuousSource } from "../../src/core/component.ts";
import { parts } from "../../src/engine/parts.ts";
import { type OddLog, writeOddLog } from "../elfstats-log.ts";
import { type OracleSettings, createElfstatsOracle } from "../elfstats-oracle.ts";
import { settings, settingsText } from "../elfstats-settings.ts";
import { createWorld } from "../world.ts";

const startMs = Date.parse("2026-03-01T10:00:00Z");
const roundMs = 300_000;
const rounds = 5;

/** The reports of all rounds, from a converted configuration that reads the log. */
async function* reportsOf(yaml: string, log: readonly string[]): AsyncGenerator<string> {
  const { config, problems } = parseConfig({ text: yaml, file: "w.yml", parts, hostName: "test" });
  assert.deepEqual(problems, []);
  assert.ok(config);
  const [sourceConfig] = config.sources.values();
  const outputConfig = config.outputs.get("elfstats");
  const source = parts.sources.find(({ name }) => name === sourceConfig?.kind);
  const output = parts.outputs.find(({ name }) => name === outputConfig?.kind);
  assert.ok(sourceConfig && outputConfig && output && source && "follow" in source);
  const world = createWorld({ now: new Date(startMs + rounds * roundMs + 5000).toISOString() });
  world.disk.append("/access.log", log.map((line) => `${line}\n`).join(""));
  await using opened = await output.open(
    { ...outputConfig.options, timezone: "utc" },
    world.context(),
  );
  const { everyMs, id } = sourceConfig;
  let report: string | undefined;
  for await (const batch of follow(source, { ...sourceConfig.options, from: "start" })) {
    await opened.write([{ ...batch, source: id }], new AbortController().signal);
    const next = world.disk.text("/report");
    if (next !== report && next !== undefined) {
      report = next;
      yield next;
    }
  }

  async function* follow(
    kind: ContinuousSource,
    options: Readonly<Record<string, unknown>>,
  ): AsyncGenerator<Batch> {
    let seq = 0;
    for await (const seen of kind.follow(options, world.context({ everyMs }))) {
      const rest = { tops: seen.tops ?? [], events: seen.events ?? [] };
      const marks = { more: false, partial: false, backfill: seen.backfill ?? false };
      const { from, to, samples } = seen;
      seq++;
      yield { source: id, service: "", seq, from, to, samples, ...rest, ...marks };
      if (to >= startMs + rounds * roundMs) {
        return;
      }
    }
  }
}

async function compare(yaml: string, oracle: OracleSettings, odd: Partial<OddLog>): Promise<void> {
  const log = writeOddLog({
    seed: 20_261,
    startMs,
    seconds: (rounds * roundMs) / 1000,
    lines: 20_000,
    roundS: roundMs / 1000,
    unit: "microseconds",
    ...odd,
  });
  const { nextReport } = createElfstatsOracle(oracle, log);
  let round = 0;
  for await (const report of reportsOf(yaml, log)) {
    round++;
    assert.deepEqual(
      report.split("\n"),
      nextReport(startMs + round * roundMs).split("\n"),
      `round ${round}`,
    );
  }
  assert.equal(round, rounds);
}

const yaml = convertElfstatsd(settingsText, "settings.py");

test("20 000 odd lines in microseconds give the reports that elfstatsd's rules give", () =>
  compare(yaml, settings, {}));

test("in milliseconds, too", () =>
  compare(
    convertElfstatsd(`${settingsText}LATENCY_IN_MILLISECONDS = True\n`, "settings.py"),
    { ...settings, inMilliseconds: true },
    { unit: "milliseconds", seed: 7, lines: 4000 },
  ));

test("and in seconds with a fraction, as the remarks say it is to be written", () =>
  compare(
    yaml
      .replace("every: 1s\n", "every: 1s\n    durationUnit: s\n")
      .replace("filtered: error\n", "filtered: error\n    durations: seconds\n"),
    settings,
    { unit: "seconds", seed: 11, lines: 4000 },
  ));
