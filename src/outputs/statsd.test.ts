import assert from "node:assert/strict";
import { suite, test } from "node:test";
import * as fc from "fast-check";
import { toBatch } from "../../test/engine-fixtures.ts";
import { Distribution } from "../core/distribution.ts";
import { type Sample, count, gauge } from "../core/sample.ts";
import { type StatsdForm, tagForms, toStatsdLines } from "./_statsd-lines.ts";

const form: StatsdForm = {
  tags: "none",
  path: "{source}.{metric}.{labels}",
  distributions: "timings",
};

function toDistribution(name: string, values: readonly number[]): Sample {
  const value = new Distribution();
  values.forEach((each) => value.add(each));
  return { kind: "distribution", name, labels: {}, value };
}

function write(samples: readonly Sample[], changes: Partial<StatsdForm> = {}): readonly string[] {
  return toStatsdLines({ ...form, ...changes }, toBatch("s", 1, samples));
}

suite("lines for StatsD", () => {
  test("a negative gauge is set to zero first, in the same datagram", () => {
    assert.deepEqual(write([gauge("g", -2.5)]), ["s.g:0|g\ns.g:-2.5|g"]);
  });

  test("what is no number, or would make a counter shrink, is left out", () => {
    assert.deepEqual(write([gauge("g", NaN), count("c", Infinity), count("c", -1)]), []);
  });

  test("timings stand for every observation, at one rate and in the right proportions", () => {
    fc.assert(
      fc.property(fc.integer({ min: 1, max: 5_000 }), (size) => {
        const values = Array.from({ length: size }, (_, i) => (i % 10 === 0 ? 2 : 0.5));
        const lines = write([toDistribution("d_seconds", values)]);
        const parsed = lines.map((line) =>
          /^s\.d_seconds:([\d.]+)\|ms(?:\|@([\d.]+))?$/.exec(line),
        );
        const counted = parsed.reduce((sum, match) => sum + 1 / Number(match?.[2] ?? 1), 0);
        assert.ok(Math.abs(counted - size) < 1e-6 * size, `${counted} of ${size}`);
        assert.ok(lines.length <= 100);
        const slow = parsed.filter((match) => match?.[1] === "2000").length;
        assert.ok(Math.abs(slow / lines.length - Math.ceil(size / 10) / size) <= 1 / lines.length);
      }),
    );
  });

  test("only durations are timings; an empty one is none", () => {
    assert.deepEqual(write([toDistribution("d_seconds", [])]), []);
    assert.match(
      write([toDistribution("size_bytes", [5])])[0] ?? "",
      /^s\.size_bytes\.count:1\|c$/,
    );
  });

  for (const tags of tagForms) {
    test(`names and labels of any kind divide no line (tags: ${tags})`, () => {
      const text = fc.string({ unit: fc.constantFrom(..."ab:|@#,=.;\n é".split("")) });
      fc.assert(
        fc.property(text, fc.dictionary(text, text), (name, labels) => {
          const lines = write([gauge(name, 1, labels)], { tags });
          assert.equal(lines.length, 1);
          const pattern = {
            none: /^[\w.-]+:1\|g$/,
            dogstatsd: /^\w+:1\|g\|#(?:[^:|@#,\s]+:[^:|@#,\s]+)(?:,[^:|@#,\s]+:[^:|@#,\s]+)*$/,
            influx: /^\w+(?:,[^:|@#,=\s]+=[^:|@#,=\s]+)+:1\|g$/,
          }[tags];
          assert.match(lines[0] ?? "", pattern);
        }),
      );
    });
  }
});
