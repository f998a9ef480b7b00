// The disk fills up under the journal. What was acknowledged stays, what was refused leaves no trace, and once there is
// room the same source goes on with the same claim and without a hole.
import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import path from "node:path";
import { test } from "node:test";
import { createTempFolder } from "./harness.ts";
import type { DiskReport } from "./programs/fill-the-disk.ts";

const program = path.join(import.meta.dirname, "programs/fill-the-disk.ts");
/** A mount namespace of our own: the file system is gone with the process, whatever becomes of it. */
const namespace = process.getuid?.() === 0 ? ["--mount"] : ["--map-root-user", "--mount"];
const mount = 'mount -t tmpfs -o size=8m tmpfs "$0" && exec "$@"';

test("the journal survives a full disk", { skip: skipWithoutMount() }, async () => {
  await using folder = await createTempFolder();
  const command = [process.execPath, program, folder.path];
  const { status, stdout, stderr } = runOnSmallDisk(folder.path, command);
  assert.equal(status, 0, stderr);
  const report: DiskReport = JSON.parse(stdout);
  const { whenFull, withRoom, fullAgain, afterTrim, reopened } = report;

  // One refusal, three attempts to repeat it, and one more when the room that was made is used up.
  assert.equal(report.refusals.length, 5);
  for (const { name, code, text } of report.refusals) {
    assert.deepEqual([name, code], ["JournalUnavailable", "JOURNAL_UNAVAILABLE"]);
    assert.match(text, /Nothing was changed.*disk is full: free some room/);
  }
  assert.ok(whenFull.acknowledged > 100);
  assert.deepEqual(whenFull.readable, range(1, whenFull.acknowledged));
  assert.equal(withRoom.acknowledged, whenFull.acknowledged + 10);
  assert.deepEqual(withRoom.readable, range(1, withRoom.acknowledged));
  assert.ok(fullAgain.acknowledged > withRoom.acknowledged);
  assert.deepEqual(fullAgain.readable, range(1, fullAgain.acknowledged));
  assert.equal(afterTrim.acknowledged, fullAgain.acknowledged + 10);
  assert.ok(report.trimmed > 100);
  assert.deepEqual(afterTrim.readable, range(report.trimmed + 1, afterTrim.acknowledged));
  assert.deepEqual(reopened.readable, afterTrim.readable);
  assert.ok(reopened.freeBytes > 4 * 1024 * 1024, "trimming gave its room back");
  assert.equal(report.position, `at ${afterTrim.acknowledged}`);
  assert.equal(report.integrity, "ok");
});

interface Outcome {
  readonly status: number | null;
  readonly stdout: string;
  readonly stderr: string;
}

function runOnSmallDisk(folder: string, command: readonly string[]): Outcome {
  const args = [...namespace, "sh", "-c", mount, folder, ...command];
  return spawnSync("unshare", args, { encoding: "utf8", timeout: 60_000 });
}

function skipWithoutMount(): string | false {
  const { status, stderr } = runOnSmallDisk("/mnt", ["true"]);
  return status === 0 ? false : `no file system can be mounted here: ${stderr ?? "no unshare"}`;
}

function range(first: number, last: number): readonly number[] {
  return Array.from({ length: last - first + 1 }, (_, index) => first + index);
}
