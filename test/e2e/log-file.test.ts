// A running node writes log files while they are rotated away.
import assert from "node:assert/strict";
import { appendFile, readFile, readdir, rename } from "node:fs/promises";
import test from "node:test";
import { setTimeout as sleep } from "node:timers/promises";
import { waitFor } from "./harness.ts";
import { startNode } from "./servers/node.ts";

const rotations = 5;
const linesPerStep = 10;

test("lines are whole and complete over rotations", async () => {
  await using node = await startNode(
    (join) => `sources:
  shop: { kind: access-log, files: "${join("access.log")}", from: start, every: 100ms }
outputs:
  file: { kind: log-file, path: measured.log, sync: batch, only: log_lines_total }
`,
  );
  const line = '192.0.2.1 - - [20/Nov/2026:16:00:00 +0000] "GET / HTTP/1.1" 200 1 "-" "-"\n';
  const folder = node.join("");
  const isWritten = async (): Promise<boolean> => (await readdir(folder)).includes("measured.log");
  for (let rotation = 1; rotation <= rotations; rotation++) {
    await appendFile(node.join("access.log"), line.repeat(linesPerStep));
    await waitFor("the file", isWritten, node);
    await sleep(150);
    await rename(node.join("measured.log"), node.join(`measured.log.${rotation}`));
  }
  const sum = async (): Promise<number> => {
    const names = (await readdir(folder)).filter((name) => name.startsWith("measured.log"));
    const texts = await Promise.all(names.map((name) => readFile(node.join(name), "utf8")));
    return texts
      .flatMap((text) => text.split("\n"))
      .filter((text) => text !== "")
      .map((text): Line => JSON.parse(text))
      .filter(({ labels }) => labels.outcome === "parsed")
      .reduce((all, { metrics }) => all + metrics.log_lines_total, 0);
  };
  const expected = rotations * linesPerStep;
  await waitFor("every line", async () => (await sum()) >= expected, node);
  assert.equal(await sum(), expected);
});

interface Line {
  readonly labels: { readonly outcome: string };
  readonly metrics: { readonly log_lines_total: number };
}
