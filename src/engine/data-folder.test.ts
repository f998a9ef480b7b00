import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtempSync, rmSync, statSync, writeFileSync } from "node:fs";
import os from "node:os";
import path from "node:path";
import { after, suite, test } from "node:test";
import { UserError } from "../core/errors.ts";
import { openDataFolder } from "./data-folder.ts";

const root = mkdtempSync(path.join(os.tmpdir(), "watchpost-data-folder-"));
let folders = 0;

function nextFolder(): string {
  return path.join(root, `${folders++}`, "data");
}

function isInUse(pattern: RegExp): (error: unknown) => boolean {
  return (error) =>
    error instanceof UserError &&
    error.code === "DATA_FOLDER_IN_USE" &&
    pattern.test(error.message);
}

suite("data folder", () => {
  after(() => rmSync(root, { recursive: true }));

  test("is made, for its owner alone", () => {
    const folder = nextFolder();
    using opened = openDataFolder(folder, "a");
    assert.equal(opened.journalFile, path.join(folder, "journal.db"));
    assert.equal(statSync(folder).mode & 0o777, 0o700);
  });

  test("has one owner at a time; the second is told who the first is", () => {
    const folder = nextFolder();
    const first = openDataFolder(folder, "hub-1");
    const expected = isInUse(new RegExp(`node "hub-1" \\(process ${process.pid}, running since 2`));
    assert.throws(() => openDataFolder(folder, "hub-2"), expected);
    assert.throws(() => openDataFolder(folder, "hub-2"), expected, "trying changes nothing");
    first[Symbol.dispose]();
    openDataFolder(folder, "hub-2")[Symbol.dispose]();
  });

  test("an owner that cannot be read is another node", () => {
    const folder = nextFolder();
    using opened = openDataFolder(folder, "a");
    writeFileSync(path.join(path.dirname(opened.journalFile), "node.json"), "{");
    assert.throws(() => openDataFolder(folder, "b"), isInUse(/in use by another node; stop it/));
  });

  test("what is no lock at all is not called one", () => {
    const folder = nextFolder();
    openDataFolder(folder, "a")[Symbol.dispose]();
    writeFileSync(path.join(folder, "node.lock"), "no database ".repeat(500));
    assert.throws(
      () => openDataFolder(folder, "a"),
      (error: unknown) => !(error instanceof UserError),
    );
  });

  test("is free again however its owner ended", async () => {
    const folder = nextFolder();
    const file = new URL("./data-folder.ts", import.meta.url).href;
    const program = `
      const { openDataFolder } = await import(${JSON.stringify(file)});
      globalThis.kept = openDataFolder(${JSON.stringify(folder)}, "child");
      process.stdout.write("open");
      setInterval(() => {}, 1000);`;
    const child = spawn(process.execPath, ["--input-type=module", "--eval", program]);
    await once(child.stdout, "data");
    assert.throws(() => openDataFolder(folder, "b"), isInUse(/node "child" \(process \d+/));
    child.kill("SIGKILL");
    await once(child, "exit");
    openDataFolder(folder, "b")[Symbol.dispose]();
  });
});
