// What a copytruncate destroys before anybody has read it is gone; but it is told, to the byte.
import assert from "node:assert/strict";
import { copyFile, mkdir, readFile, truncate, writeFile } from "node:fs/promises";
import test from "node:test";
import { createTempFolder, waitFor } from "./harness.ts";
import { JournalReader } from "./torture/journal-reader.ts";
import { toLine } from "./torture/numbered-line.ts";
import { createRandom } from "./torture/random.ts";
import { Tally } from "./torture/tally.ts";
import { TorturedNode } from "./torture/tortured-node.ts";

/** So many that they are not read at once, over so long that there are many windows. */
const linesBefore = 150_000;
const copied = 0.6;
const spreadMs = 240_000;

test("what was seen and destroyed is reported as lost, to the byte", async (context) => {
  await using folder = await createTempFolder();
  const log = folder.join("shop", "access.log");
  const tally = new Tally(() => {});
  await using node = await TorturedNode.create({
    folder: folder.path,
    files: new Map([["shop", ["access.log"]]]),
    random: createRandom(1),
    note: () => {},
  });
  const reader = new JournalReader(node.journalFile, new Map([["shop", tally]]));
  await mkdir(folder.join("shop"));
  await writeFile(log, writeLines(tally, linesBefore));

  await node.start();
  const isCounting = async (): Promise<boolean> => {
    await reader.read();
    return tally.counted.parsed > 0;
  };
  await waitFor("the first lines", isCounting);
  node.signal("SIGSTOP");
  const bytes = await readFile(log);
  const copiedBytes = bytes.lastIndexOf("\n", Math.floor(bytes.length * copied)) + 1;
  await copyFile(log, `${log}.1`);
  await truncate(`${log}.1`, copiedBytes);
  await truncate(log);
  await writeFile(log, writeLines(tally, 10), { flag: "a" });
  node.signal("SIGCONT");

  const missing = await waitFor("all that is left", async () => {
    await reader.read();
    return tally.counted.lostBytes > 0 && tally.difference.range();
  });
  const [first, last] = missing;
  context.diagnostic(`${last - first + 1} lines were destroyed before they were read`);
  assert.equal(last, linesBefore, "all in front of the truncation, none behind it");
  assert.equal(bytes.subarray(0, copiedBytes).toString().split("\n").length, first);
  assert.equal(tally.counted.lostBytes, bytes.length - copiedBytes);
});

function writeLines(tally: Tally, count: number): string {
  const startMs = Date.now() - spreadMs;
  return Array.from({ length: count }, (_, index) => {
    const timeMs = startMs + Math.floor((spreadMs * index) / count);
    return `${toLine(tally.takeNumber(), timeMs)}\n`;
  }).join("");
}
