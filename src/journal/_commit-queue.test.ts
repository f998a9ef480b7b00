import assert from "node:assert/strict";
import { suite, test } from "node:test";
import { Permanent } from "../core/errors.ts";
import { CommitQueue, defaultCommitDelay } from "./_commit-queue.ts";

suite("commit queue", () => {
  test("what is asked for in one turn shares a transaction, in order", async () => {
    const log: string[] = [];
    const queue = new CommitQueue((work) => {
      log.push("begin");
      work();
      log.push("commit");
    }, defaultCommitDelay);
    const results = await Promise.all([
      queue.add(1, () => log.push("one")),
      queue.add(1, () => log.push("two")),
    ]);
    assert.deepEqual(log, ["begin", "one", "two", "commit"]);
    assert.deepEqual(results, [2, 3]);
  });

  test("a change that is refused rejects alone", async () => {
    const queue = new CommitQueue((work) => work(), defaultCommitDelay);
    const refused = queue.add(1, () => {
      throw new Permanent("a hole");
    });
    const accepted = queue.add(1, () => "kept");
    await assert.rejects(refused, Permanent);
    assert.equal(await accepted, "kept");
  });

  test("a failed commit rejects all, also what was refused, and the next goes on", async () => {
    let failures = 1;
    const queue = new CommitQueue((work) => {
      work();
      if (failures-- > 0) {
        throw new Error("disk full");
      }
    }, defaultCommitDelay);
    const outcomes = await Promise.allSettled([
      queue.add(1, () => "one"),
      queue.add(1, () => {
        throw new Permanent("a hole");
      }),
    ]);
    for (const outcome of outcomes) {
      assert.match(String(outcome.status === "rejected" && outcome.reason), /disk full/);
    }
    assert.equal(await queue.add(1, () => "later"), "later");
  });

  test("does not wait for more once there is enough", () => {
    let commits = 0;
    const queue = new CommitQueue(
      (work) => {
        work();
        commits++;
      },
      { maxMs: 50, sizeBytesMax: 100 },
    );
    void queue.add(60, () => undefined);
    assert.equal(commits, 0);
    void queue.add(60, () => undefined);
    assert.equal(commits, 1);
  });

  test("flushing commits at once, and nothing when there is nothing", async () => {
    let commits = 0;
    const queue = new CommitQueue((work) => {
      work();
      commits++;
    }, defaultCommitDelay);
    queue.flush();
    assert.equal(commits, 0);
    const added = queue.add(1, () => "done");
    queue.flush();
    assert.equal(commits, 1);
    assert.equal(await added, "done");
  });
});
