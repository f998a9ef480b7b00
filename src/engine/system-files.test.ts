import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import {
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from "node:fs";
import os from "node:os";
import path from "node:path";
import { after, suite, test } from "node:test";
import { createSystemFiles } from "./system-files.ts";

suite("the files of the system", () => {
  const folder = mkdtempSync(path.join(os.tmpdir(), "watchpost-files-"));
  after(() => rmSync(folder, { recursive: true }));
  const files = createSystemFiles(folder);
  const join = (name: string): string => path.join(folder, name);

  test("are found relative to the folder, and by their whole path", async () => {
    writeFileSync(join("a"), "hello");
    for (const name of ["a", "./a", join("a")]) {
      assert.equal((await files.stat(name))?.sizeBytes, 5);
    }
  });

  test("that are not there are undefined, also below a file", async () => {
    writeFileSync(join("plain"), "");
    assert.equal(await files.stat("none"), undefined);
    assert.equal(await files.stat("plain/none"), undefined);
    await assert.rejects(files.open("none"), { code: "ENOENT" });
    await assert.rejects(files.openAppend("none/b"), { code: "ENOENT" });
  });

  test("are read from any place, and stay the opened ones when the name goes", async () => {
    writeFileSync(join("log"), "0123456789");
    await using file = await files.open("log");
    renameSync(join("log"), join("log.1"));
    const into = new Uint8Array(4);
    assert.equal(await file.read(into, 8), 2);
    assert.equal(Buffer.from(into.subarray(0, 2)).toString(), "89");
    assert.equal(await file.read(into, 10), 0);
    const [opened, named] = [await file.stat(), await files.stat("log.1")];
    assert.deepEqual([opened.ino, opened.dev], [named?.ino, named?.dev]);
  });

  test("are appended to, and made when they are not there", async () => {
    await using file = await files.openAppend("new");
    await file.append("a\n");
    await file.append("b\n");
    assert.equal(readFileSync(join("new"), "utf8"), "a\nb\n");
    assert.equal((await file.stat()).sizeBytes, 4);
  });

  test("are replaced in one step, with nothing left behind, and a link is not followed", async () => {
    mkdirSync(join("reports"));
    writeFileSync(join("reports/victim"), "precious");
    symlinkSync(join("reports/victim"), join("reports/report"));
    await files.replace("reports/report", "first");
    await using open = await files.open("reports/report");
    await files.replace("reports/report", "second");
    assert.equal((await open.stat()).sizeBytes, "first".length);
    assert.equal(readFileSync(join("reports/report"), "utf8"), "second");
    assert.equal(readFileSync(join("reports/victim"), "utf8"), "precious");
    await assert.rejects(files.replace("none/report", ""), { code: "ENOENT" });
    await assert.rejects(files.replace("reports", ""), { code: "EISDIR" });
    assert.deepEqual(readdirSync(join("reports")), ["report", "victim"]);
    assert.deepEqual(
      readdirSync(folder).filter((name) => name.endsWith(".tmp")),
      [],
    );
  });

  test("a link is what it leads to, a folder is no file, a pipe without a writer does not hang", async () => {
    writeFileSync(join("target"), "x");
    symlinkSync(join("target"), join("link"));
    assert.equal((await files.stat("link"))?.ino, (await files.stat("target"))?.ino);
    mkdirSync(join("folder"));
    assert.equal((await files.stat("folder"))?.kind, "folder");
    execFileSync("mkfifo", [join("pipe")]);
    await using pipe = await files.open("pipe");
    assert.equal((await pipe.stat()).kind, "pipe");
  });
});
