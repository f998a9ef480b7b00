import assert from "node:assert/strict";
import { test } from "node:test";
import { z } from "zod";
import { defineOutput, defineSource } from "../core/component.ts";
import { parseConfig } from "./parse-config.ts";
import { toProblemText } from "./problem.ts";

const log = defineSource({
  name: "log",
  summary: "Reads.",
  every: "10s",
  options: z.strictObject({}),
  metrics: { requests: { kind: "count", help: "Requests." } },
  examples: [{ title: "", options: {}, given: {}, expect: [] }],
  async *follow() {},
});
const bell = defineSource({ ...log, name: "bell", metrics: {} });
const picky = defineOutput({
  name: "picky",
  summary: "Writes.",
  options: z.strictObject({ of: z.array(z.string()).optional().describe("Sources.") }),
  needs: ({ of }) => ({ metric: "requests", everyMsMax: 1000, ...(of && { sources: of }) }),
  examples: [{ title: "", options: {}, batches: [], expect: {} }],
  open: async () => ({ async write() {}, async [Symbol.asyncDispose]() {} }),
});

function problemsOf(text: string): readonly string[] {
  const parts = { sources: [log, bell], outputs: [picky], rule: z.strictObject({}) };
  const { problems } = parseConfig({ text, file: "w.yml", parts, hostName: "test" });
  return problems.map(toProblemText);
}

test("windows that are too long for an output are refused, with what to write", () => {
  const text = `sources:
  a: { kind: log }
  b: { kind: log, every: 1s }
  c: { kind: log, outputs: [] }
  d: { kind: bell }
  e: { kind: log, every: 2s, outputs: [out] }
outputs:
  out: { kind: picky }
`;
  const advice =
    "and the output `out` (picky) needs windows of 1s at most; write `every: 1s`, or list `outputs` without it";
  assert.deepEqual(problemsOf(text), [
    `w.yml:2:3 sources.a.every: is 10s, ${advice}`,
    `w.yml:6:26 sources.e.every: is 2s, ${advice}`,
  ]);
});

test("an output that names its sources needs nothing of others, and has to find its own", () => {
  const text = `sources:
  a: { kind: log }
  b: { kind: log, every: 1s }
  d: { kind: bell }
outputs:
  out: { kind: picky, of: [b, d, x] }
`;
  const rest = "which does not measure `requests`; of those that do, there are `a` and `b`";
  assert.deepEqual(problemsOf(text), [
    `w.yml:6:8 outputs.out: names the source \`d\`, ${rest}`,
    `w.yml:6:8 outputs.out: names the source \`x\`, ${rest}`,
  ]);
});
