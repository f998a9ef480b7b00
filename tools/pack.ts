// Packs the package as it would be published, looks at what is inside, installs it into an empty folder and uses it
// as its users will. Stops at the first thing that is wrong.

import assert from "node:assert/strict";
import { globSync, realpathSync, statSync } from "node:fs";
import { writeFile } from "node:fs/promises";
import path from "node:path";
import packageJson from "../package.json" with { type: "json" };
import {
  createTempFolder,
  findFreePort,
  startProcess,
  type TempFolder,
  waitFor,
} from "../test/e2e/harness.ts";
import { runCommand } from "./run-command.ts";

const tarballSizeMaxBytes = 2 * 2 ** 20;
const allowedInTarball =
  /^package\/((package\.json|LICENSE|README\.md|CHANGELOG\.md|ARCHITECTURE\.md)$|(bin|dist|docs)\/)/;
/** No tests, no sources, no maps of them, and none of what the page is built from. */
const bannedInTarball = /\.test\.|\.tsx?$|\.map$|\/node$|node_modules/;
/** Nothing that we or our dependencies need is as large as a Node, which has 100 MB. */
const fileSizeMaxBytes = 20 * 2 ** 20;

const { version } = packageJson;

await using folder = await createTempFolder();
const tarball = await pack(folder);
await checkContents(tarball);
const command = await install(folder, tarball);
await checkOneShotCommands(command);
await checkOldNode(command);
await checkRun(folder, command);
console.log("The package works.");

async function pack(into: TempFolder): Promise<string> {
  const result = await runCommand("npm", ["pack", "--pack-destination", into.path]);
  assert.ok(result.isOk, result.output);
  const [tarballName, ...others] = globSync("*.tgz", { cwd: into.path });
  assert.ok(tarballName !== undefined && others.length === 0);
  return into.join(tarballName);
}

async function checkContents(file: string): Promise<void> {
  const { stdout, isOk } = await runCommand("tar", ["-tzf", file]);
  assert.ok(isOk);
  const names = stdout.trim().split("\n");
  const wrong = names.filter((name) => !allowedInTarball.test(name) || bannedInTarball.test(name));
  assert.deepEqual(wrong, [], "files that do not belong into the package");
  for (const name of ["bin/watchpost.js", "dist/main.js", "dist/ui/index.html", "LICENSE"]) {
    assert.ok(names.includes(`package/${name}`), `${name} is missing from the package`);
  }
  const sizeBytes = statSync(file).size;
  assert.ok(sizeBytes <= tarballSizeMaxBytes, `the package has ${sizeBytes} bytes`);
  console.log(`${names.length} files, ${Math.ceil(sizeBytes / 1024)} KiB packed`);
}

/** Returns the path of the installed command. */
async function install(into: TempFolder, file: string): Promise<string> {
  await writeFile(into.join("package.json"), `{ "private": true }`);
  const args = ["install", "--omit=dev", "--ignore-scripts", "--no-audit", "--no-fund", file];
  const result = await runCommand("npm", args, { cwd: into.path });
  assert.ok(result.isOk, result.output);
  const files = globSync("node_modules/**", { cwd: into.path }).map((name) => into.join(name));
  const large = files.filter((name) => statSync(name).size > fileSizeMaxBytes);
  const nodes = files.filter((name) => path.basename(name) === "node" && statSync(name).isFile());
  assert.deepEqual([...large, ...nodes], [], "the installed package carries a Node");
  const sizeBytes = files.reduce((sum, name) => sum + statSync(name).size, 0);
  console.log(`${Math.ceil(sizeBytes / 2 ** 20)} MiB installed, with dependencies`);
  return realpathSync(into.join("node_modules/.bin/watchpost"));
}

async function checkOneShotCommands(installed: string): Promise<void> {
  const printed = await runCommand(process.execPath, [installed, "--version"]);
  assert.ok(printed.isOk, printed.output);
  assert.equal(printed.output, `${version}\n`);
  const sample = path.resolve(path.dirname(installed), "../docs/watchpost.sample.yml");
  const checked = await runCommand(process.execPath, [installed, "config", "check", sample]);
  assert.ok(checked.isOk, checked.output);
  console.log(`watchpost ${version} prints its version and accepts its sample configuration`);
}

/** An older Node, if this machine has one, gets one sentence and exit code 1. */
async function checkOldNode(installed: string): Promise<void> {
  for (const node of findOtherNodes()) {
    const { stdout: nodeVersion } = await runCommand(node, ["--version"]);
    const [major = 0, minor = 0] = nodeVersion.slice(1).split(".").map(Number);
    if (major < 24 || (major === 24 && minor < 12)) {
      const result = await runCommand(node, [installed, "--version"]);
      assert.equal(result.isOk, false);
      assert.equal(result.stdout, "");
      assert.match(result.output, /^watchpost needs Node\.js 24\.12 or later, [^\n]+\n$/);
      console.log(`Node ${nodeVersion.trim()} gets one sentence`);
    }
  }
}

function findOtherNodes(): readonly string[] {
  const folders = (process.env["PATH"] ?? "").split(path.delimiter);
  const nodes = folders.flatMap((name) =>
    globSync("node", { cwd: name }).map(() => `${name}/node`),
  );
  return [...new Set(nodes.map((node) => realpathSync(node)))];
}

/** Starts the real thing, fetches its page and stops it. */
async function checkRun(into: TempFolder, installed: string): Promise<void> {
  const port = await findFreePort();
  const url = `http://127.0.0.1:${port}`;
  const file = into.join("watchpost.yml");
  await writeFile(
    file,
    `node: { name: packed }
data: ${into.join("data")}
server: { listen: 127.0.0.1:${port} }
sources:
  itself: { kind: http, url: "${url}/healthz", every: 1s }
`,
  );
  await using running = await startProcess(process.execPath, [installed, "run", "-c", file]);
  const fetchText = async (place: string): Promise<string | undefined> => {
    const answer = await fetch(`${url}${place}`).catch(() => undefined);
    return answer?.ok ? answer.text() : undefined;
  };
  const page = await waitFor("the page", () => fetchText("/"), { process: running });
  assert.match(page, /^<!doctype html>/i);
  const script = /<script[^>]+src="\.?(\/[^"]+)"/.exec(page)?.[1];
  assert.ok(script !== undefined && (await fetchText(script)), "the page's script is missing");
  await waitFor(
    "the source",
    async () => (await fetchText("/api/v1/sources"))?.includes("itself"),
    {
      process: running,
    },
  );
  assert.deepEqual(await running.stop(), { code: 0, signal: null }, running.output());
  console.log("watchpost run serves its page and stops");
}
