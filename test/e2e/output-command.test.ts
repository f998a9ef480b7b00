// `watchpost output test`, as a person at a terminal sees it.
import assert from "node:assert/strict";
import { readFile, writeFile } from "node:fs/promises";
import test from "node:test";
import { createTempFolder, type Exit, findFreePort, startWatchpost } from "./harness.ts";

test("an output is tried out: it works, it fails, or there is none of that name", async () => {
  await using folder = await createTempFolder();
  const file = folder.join("watchpost.yml");
  await writeFile(
    file,
    `outputs:
  file: { kind: log-file, path: test.log, labels: { site: a } }
  down: { kind: gelf, transport: tcp, host: 127.0.0.1, port: ${await findFreePort()} }
  page: { kind: prometheus }
`,
  );
  const run = async (id: string): Promise<Exit & { stdout: string; stderr: string }> => {
    await using command = await startWatchpost(["output", "test", id, "-c", file]);
    const exit = await command.exited;
    return { ...exit, stdout: command.stdout(), stderr: command.stderr() };
  };

  const works = await run("file");
  assert.deepEqual([works.code, works.stderr], [0, ""]);
  assert.match(works.stdout, /^file \(log-file\): no error; look there for .*watchpost-test/);
  const [line = ""] = (await readFile(folder.join("test.log"), "utf8")).split("\n");
  const { source, labels, metrics } = JSON.parse(line);
  assert.deepEqual(
    [source, labels, metrics],
    ["watchpost-test", { site: "a", output: "file" }, { watchpost_test_total: 1 }],
  );

  const fails = await run("down");
  assert.deepEqual([fails.code, fails.stdout], [1, ""]);
  assert.match(fails.stderr, /^down \(gelf\): failed: connect ECONNREFUSED/);
  assert.doesNotMatch(fails.stderr, /\n\s+at /, "no stack trace");

  const asked = await run("page");
  assert.match(asked.stdout, /it sends nothing but is asked; nothing was tried/);

  const missing = await run("graylog");
  assert.equal(missing.code, 2);
  assert.match(missing.stderr, /has no output graylog; it has file, down, page/);
});
