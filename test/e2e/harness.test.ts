// The harness itself, against the real things: what it promises, the other tests build on.

import assert from "node:assert/strict";
import { existsSync } from "node:fs";
import { readFile, writeFile } from "node:fs/promises";
import { test } from "node:test";
import { createTempFolder, skipWithout, startProcess, waitFor } from "./harness.ts";
import { openPage } from "./servers/chromium.ts";
import { startNginx } from "./servers/nginx.ts";

test("a folder is gone with its content", async () => {
  let name: string;
  {
    await using folder = await createTempFolder();
    name = folder.path;
    await writeFile(folder.join("a"), "a");
  }
  assert.equal(existsSync(name), false);
});

test("a process keeps its streams apart and tells how it ended", async () => {
  const script = `console.log("out"); console.error("err"); process.exitCode = 3;`;
  const running = await startProcess(process.execPath, ["-e", script]);
  assert.deepEqual(await running.exited, { code: 3, signal: null });
  assert.deepEqual([running.stdout(), running.stderr()], ["out\n", "err\n"]);
  assert.deepEqual(await running.stop(), { code: 3, signal: null });
});

test("a program that does not exist is an error", async () => {
  await assert.rejects(startProcess("/nonexistent/program", []), { code: "ENOENT" });
});

test("waiting ends with the process, and says what it had printed", async () => {
  await using running = await startProcess(process.execPath, ["-e", `console.log("last words")`]);
  const never = waitFor("what never comes", () => false, { process: running });
  await assert.rejects(never, /what never comes: the process has ended\nlast words/);
});

test("a process left behind does not keep the test file from ending, and ends with it", async () => {
  const harness = JSON.stringify(new URL("harness.ts", import.meta.url).href);
  const script = `const { startProcess } = await import(${harness});
    console.log((await startProcess("sleep", ["600"])).pid);`;
  const running = await startProcess(process.execPath, ["--input-type=module", "-e", script]);
  assert.deepEqual(await running.exited, { code: 0, signal: null }, running.output());
  const child = Number(running.stdout());
  await waitFor("the child's end", async () => !(await isAlive(child)));
});

test("killing takes the children along", async () => {
  const script = `const { spawn } = require("node:child_process");
    console.log(spawn("sleep", ["600"]).pid); setInterval(() => {}, 1000);`;
  await using running = await startProcess(process.execPath, ["-e", script]);
  const child = await waitFor("the child", () => Number(running.stdout()) || undefined);
  assert.deepEqual(await running.kill(), { code: null, signal: "SIGKILL" });
  await waitFor("the child's end", async () => !(await isAlive(child)));
});

/** A dead child that nobody has collected yet (state Z) counts as dead. */
async function isAlive(pid: number): Promise<boolean> {
  const stat = await readFile(`/proc/${pid}/stat`, "utf8").catch(() => "");
  return stat !== "" && !stat.includes(") Z ");
}

test("nginx logs the request of Chromium", { skip: skipWithout("nginx", "chromium") }, async () => {
  await using nginx = await startNginx(
    ({ port, folder }) => `server {
      listen 127.0.0.1:${port};
      access_log ${folder}/access.log combined;
      default_type text/html;
      location / { return 200 "<title>hello</title><script>console.error('seen')</script>"; }
    }`,
  );
  await using opened = await openPage(`${nginx.url}/shop?item=1`);
  assert.equal(await opened.page.title(), "hello");
  await waitFor("the console error", () => opened.errors.includes("seen"));
  const log = await waitFor("the log line", async () => {
    const text = await readFile(`${nginx.folder}/access.log`, "utf8");
    return text.includes("/shop") && text;
  });
  assert.match(
    log,
    /^127\.0\.0\.1 - - \[.+\] "GET \/shop\?item=1 HTTP\/1\.1" 200 \d+ "-" "Mozilla/,
  );
});
