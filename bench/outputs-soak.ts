// Every output at once against real receivers that are stopped and started at random, for ten minutes or as many as are
// given: npm run bench -- outputs-soak --minutes=1 --seed=7. Prints what each has in the end beside what it should have, and
// the node's memory over time. The peer is the log itself.
import { parseArgs } from "node:util";
import { runScenario } from "../test/e2e/outputs-scenario.ts";

const { values } = parseArgs({
  options: { minutes: { type: "string" }, seed: { type: "string" } },
});
const minutes = Number(values.minutes ?? 10);
const seed = Number(values.seed ?? Math.floor(Math.random() * 2 ** 31));
const mebibyte = 1024 ** 2;

console.log(`${minutes} min, seed ${seed}`);
const outcome = await runScenario({ durationMs: minutes * 60_000, seed, settleMs: 300_000 });
const { lines, counterparts, memory, readers } = outcome;
const written = sum(lines);
for (const { name, stops, totals, isExact } of counterparts) {
  const wrong = [...lines].filter(([group, count]) => totals.get(group) !== count).length;
  const verdict = wrong === 0 ? "exact" : `${wrong} of ${lines.size} groups differ`;
  const note = isExact ? "" : " (cannot tell a repetition)";
  console.log(`${name}: ${stops} stops, ${sum(totals)} of ${written} requests: ${verdict}${note}`);
}
for (const { name, errors, missedBatches, droppedBatches, refusedSamples } of readers) {
  const lost = missedBatches + droppedBatches + refusedSamples;
  console.log(`${name}: ${errors} failed attempts, ${lost} missed, dropped or refused`);
}
const tenths = Array.from({ length: 10 }, (_, i) => {
  const part = memory.slice(Math.floor((memory.length * i) / 10), (memory.length * (i + 1)) / 10);
  return Math.round(Math.max(...part) / mebibyte);
});
console.log(`resident memory, greatest of each tenth of the time, in MiB: ${tenths.join(" ")}`);

function sum(counts: ReadonlyMap<string, number>): number {
  return [...counts.values()].reduce((all, count) => all + count, 0);
}
