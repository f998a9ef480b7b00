// Makes a clone ready to run: installs the pinned dependencies and the pinned Node, links that Node into
// node_modules/.bin, and builds the page. Each step runs only when what it depends on has changed.
//
// Plain JavaScript, the only one in tools/: it has to run on whatever Node (20 or later) the user happens to have.
// Standard output stays empty, so that `./watchpost` prints nothing but the output of the command.

import { spawn, spawnSync } from "node:child_process";
import { createHash } from "node:crypto";
import fs from "node:fs";
import path from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { fileURLToPath } from "node:url";

const root = path.resolve(path.dirname(fileURLToPath(import.meta.url)), "..");
const inRoot = (...parts) => path.join(root, ...parts);

const nodeLink = inRoot("node_modules/.bin/node");
const pinnedNode = inRoot("tools/runtime/node_modules/.bin/node");
const pageFolder = inRoot("dist/ui");
const pageStamp = inRoot("node_modules/.set-up-page");
const lockFolder = inRoot("tools/.set-up-lock");

/** What `engines` in package.json asks for. */
const nodeMinimum = [24, 12];
/** A lock older than this belongs to a process that is gone, even if its number is in use again. */
const lockAgeMaxMs = 15 * 60_000;

const installs = [
  { folder: root, what: "dependencies" },
  { folder: inRoot("tools/runtime"), what: "Node.js" },
];
/** Processes of ours that write into the tree; whoever finds our lock must wait for them too. */
const children = new Set();

/** A reason to stop that the user can act upon: printed as it is, without a stack. */
class SetUpError extends Error {}

for (const signal of ["SIGINT", "SIGTERM", "SIGHUP"]) {
  process.once(signal, () => {
    children.forEach((child) => child.kill(signal));
    process.exit(1);
  });
}

try {
  if (!isReady()) {
    await underLock(setUp);
  }
} catch (error) {
  if (!(error instanceof SetUpError)) {
    throw error;
  }
  process.stderr.write(`${error.message}\n`);
  process.exitCode = 1;
}

function isReady() {
  return installs.every(isInstalled) && fs.existsSync(nodeLink) && isPageBuilt();
}

async function setUp() {
  const outdated = installs.filter((part) => !isInstalled(part));
  if (outdated.length > 0) {
    say(`Installing ${outdated.map(({ what }) => what).join(" and ")} into this folder …`);
    await settleAll(outdated.map(install));
  }
  linkNode();
  if (!isPageBuilt()) {
    say("Building the page …");
    await buildPage();
  }
}

// ------------------------------------------------------------------------------------------------------ dependencies

function isInstalled({ folder }) {
  const stamp = readOrEmpty(stampOf(folder));
  return stamp !== "" && stamp === fingerprint(folder);
}

async function install({ folder }) {
  const modules = path.join(folder, "node_modules");
  fs.rmSync(stampOf(folder), { force: true });
  // The flags undo what the user's own settings, or an `npm publish --dry-run` around us, would change.
  const flags = ["--ignore-scripts", "--include=dev", "--include=optional", "--no-dry-run"];
  const quiet = ["--no-audit", "--no-fund", "--loglevel=error", "--engine-strict=false"];
  const [command, ...first] = npmCommand();
  const { code, output } = await run([command, ...first, "ci", ...flags, ...quiet], folder);
  const missing = code === 0 ? missingPackages(folder) : [];
  if (code !== 0 || missing.length > 0) {
    const where = path.relative(root, folder) || "this folder";
    const what = code === 0 ? `left out ${missing.join(", ")}` : `failed (${code})`;
    throw new SetUpError(
      `${output}\n\`npm ci\` in ${where} ${what}, so that Watchpost cannot start; its messages are ` +
        "above. Once the cause is gone (often the network), run the same command again.",
    );
  }
  fs.mkdirSync(modules, { recursive: true });
  fs.writeFileSync(stampOf(folder), fingerprint(folder));
}

/**
 * The packages for this platform that are not there: npm reports success when it could not fetch an optional one,
 * and all that is bound to a platform (Node, the linter, the compiler) is optional.
 */
function missingPackages(folder) {
  const { packages } = JSON.parse(fs.readFileSync(path.join(folder, "package-lock.json"), "utf8"));
  const libc = process.report.getReport().header.glibcVersionRuntime ? "glibc" : "musl";
  const isForUs = ({ os, cpu, libc: libcs = [libc] }) =>
    os?.includes(process.platform) && cpu?.includes(process.arch) && libcs.includes(libc);
  const names = Object.keys(packages).filter((name) => isForUs(packages[name]));
  return names.filter((name) => !fs.existsSync(path.join(folder, name, "package.json")));
}

function stampOf(folder) {
  return path.join(folder, "node_modules", ".set-up");
}

/** Changes when the lock file does, when an entry of node_modules appears or is lost, and on another platform. */
function fingerprint(folder) {
  const lock = hash([path.join(folder, "package-lock.json")]);
  return `${lock} ${process.platform}-${process.arch} ${countEntries(folder)}`;
}

/** Counts what npm has put into node_modules: not caches, not stamps, not the link to Node. About 15 ms. */
function countEntries(folder) {
  const modules = path.join(folder, "node_modules");
  const commands = entriesOf(path.join(modules, ".bin")).filter(({ name }) => name !== "node");
  const count = (at, entries) =>
    entries.reduce((sum, entry) => {
      const below = path.join(at, entry.name);
      return sum + 1 + (entry.isDirectory() ? count(below, entriesOf(below)) : 0);
    }, 0);
  const packages = entriesOf(modules).filter(({ name }) => !name.startsWith("."));
  return commands.length + count(modules, packages);
}

function npmCommand() {
  const { npm_execpath: script = "", npm_node_execpath: node = process.execPath } = process.env;
  const isNpm = path.basename(script) === "npm-cli.js" && fs.existsSync(script);
  return isNpm ? [node, script] : ["npm"];
}

// -------------------------------------------------------------------------------------------------------------- Node

/** Makes node_modules/.bin/node the pinned Node or, where none is pinned or it cannot run, the one running now. */
function linkNode() {
  const usable = [pinnedNode, process.execPath].find(isNewEnough);
  if (usable === undefined) {
    throw new SetUpError(
      `Watchpost needs Node.js ${nodeMinimum.join(".")} or later, has none to install for ` +
        `${process.platform}-${process.arch}, and this one is ${process.versions.node}: ` +
        "install a newer one from https://nodejs.org and run the same command again.",
    );
  }
  const target = usable === pinnedNode ? path.relative(path.dirname(nodeLink), usable) : usable;
  fs.mkdirSync(path.dirname(nodeLink), { recursive: true });
  const link = `${nodeLink}-${process.pid}`;
  fs.symlinkSync(target, link);
  fs.renameSync(link, nodeLink);
}

function isNewEnough(node) {
  const { stdout } = spawnSync(node, ["--version"], { encoding: "utf8", timeout: 10_000 });
  const [major, minor] = (stdout || "v0.0").slice(1).split(".").map(Number);
  return major > nodeMinimum[0] || (major === nodeMinimum[0] && minor >= nodeMinimum[1]);
}

// ---------------------------------------------------------------------------------------------------------- the page

function isPageBuilt() {
  if (!fs.existsSync(inRoot("ui/index.html"))) {
    return true;
  }
  const isThere = fs.existsSync(path.join(pageFolder, "index.html"));
  return isThere && readOrEmpty(pageStamp) === hash(pageSources());
}

/** Builds beside the old page and then changes places, so that a Watchpost serving it never finds half of one. */
async function buildPage() {
  const stamp = hash(pageSources());
  const [fresh, old] = [inRoot("dist/.ui-new"), inRoot("dist/.ui-old")];
  const vite = inRoot("node_modules/vite/bin/vite.js");
  const flags = ["--outDir", fresh, "--emptyOutDir", "--logLevel", "warn"];
  const { code, output } = await run([nodeLink, vite, "build", "ui", ...flags], root);
  if (code !== 0) {
    throw new SetUpError(`${output}\nThe page in ui/ could not be built (${code}); see above.`);
  }
  fs.rmSync(old, { recursive: true, force: true });
  if (fs.existsSync(pageFolder)) {
    fs.renameSync(pageFolder, old);
  }
  fs.renameSync(fresh, pageFolder);
  fs.rmSync(old, { recursive: true, force: true });
  fs.writeFileSync(pageStamp, stamp);
}

function pageSources() {
  const names = fs.readdirSync(inRoot("ui"), { recursive: true, encoding: "utf8" }).toSorted();
  const files = names
    .map((name) => inRoot("ui", name))
    .filter((file) => fs.statSync(file).isFile());
  return [inRoot("package-lock.json"), ...files.filter((file) => !/\.test\.tsx?$/.test(file))];
}

// -------------------------------------------------------------------------------------------------- one at a time

/**
 * Runs `work` while this process is the only one that sets up this clone.
 * The lock is a folder that holds one file, named after its owner. It arrives by a rename, which fails while another
 * owner's file is inside; a dead owner's file is removed by name, which cannot hit a new owner's.
 */
async function underLock(work) {
  for (let hasSaid = false; !takeLock(); await sleep(200)) {
    const owner = entriesOf(lockFolder)[0]?.name;
    if (owner !== undefined && isAbandoned(path.join(lockFolder, owner))) {
      fs.rmSync(path.join(lockFolder, owner), { force: true });
    } else if (owner !== undefined && !hasSaid) {
      say(`Waiting for another set-up of this folder (process ${owner}; see ${lockFolder}) …`);
      hasSaid = true;
    }
  }
  try {
    if (!isReady()) {
      await work();
    }
  } finally {
    fs.rmSync(path.join(lockFolder, String(process.pid)), { force: true });
    removeIfEmpty(lockFolder);
  }
}

function takeLock() {
  const own = `${lockFolder}-${process.pid}`;
  fs.rmSync(own, { recursive: true, force: true });
  fs.mkdirSync(own);
  fs.writeFileSync(path.join(own, String(process.pid)), String(process.pid));
  try {
    fs.renameSync(own, lockFolder);
    return true;
  } catch (error) {
    fs.rmSync(own, { recursive: true, force: true });
    if (error.code === "ENOTEMPTY" || error.code === "EEXIST") {
      return false;
    }
    throw error;
  }
}

/** True when the owner and every process that it had started are gone. */
function isAbandoned(entry) {
  const age = Date.now() - (fs.statSync(entry, { throwIfNoEntry: false })?.mtimeMs ?? Date.now());
  const pids = readOrEmpty(entry).split(" ").map(Number);
  return age > lockAgeMaxMs || !pids.some((pid) => pid > 0 && isAlive(pid));
}

function isAlive(pid) {
  try {
    process.kill(pid, 0);
    return pid !== process.pid;
  } catch (error) {
    return error.code === "EPERM";
  }
}

// ---------------------------------------------------------------------------------------------------------- processes

/** Runs a command without a shell; resolves with its exit code (or signal) and all that it printed. */
function run([command, ...args], cwd) {
  return new Promise((resolve, reject) => {
    const child = spawn(command, args, { cwd, stdio: ["ignore", "pipe", "pipe"] });
    const chunks = [];
    children.add(child);
    noteChildren();
    child.stdout.on("data", (chunk) => chunks.push(chunk));
    child.stderr.on("data", (chunk) => chunks.push(chunk));
    child.on("error", (error) => {
      children.delete(child);
      const hint = command === "npm" ? "; it comes with Node.js: https://nodejs.org" : "";
      reject(new SetUpError(`${command} could not be started (${error.code})${hint}.`));
    });
    child.on("close", (code, signal) => {
      children.delete(child);
      resolve({ code: code ?? signal, output: Buffer.concat(chunks).toString().trimEnd() });
    });
  });
}

function noteChildren() {
  const pids = [process.pid, ...[...children].map((child) => child.pid ?? 0)];
  fs.writeFileSync(path.join(lockFolder, String(process.pid)), pids.join(" "));
}

/** Waits for all, also when one fails: nothing of ours may still be writing when this process reports the failure. */
async function settleAll(promises) {
  for (const result of await Promise.allSettled(promises)) {
    if (result.status === "rejected") {
      throw result.reason;
    }
  }
}

function hash(files) {
  const sum = createHash("sha256");
  for (const file of files) {
    const bytes = fs.readFileSync(file);
    sum.update(`${path.relative(root, file)} ${bytes.length}\n`).update(bytes);
  }
  return sum.digest("hex");
}

function removeIfEmpty(folder) {
  try {
    fs.rmdirSync(folder);
  } catch {
    // Somebody else holds the lock by now.
  }
}

function entriesOf(folder) {
  try {
    return fs.readdirSync(folder, { withFileTypes: true });
  } catch {
    return [];
  }
}

function readOrEmpty(file) {
  try {
    return fs.readFileSync(file, "utf8");
  } catch {
    return "";
  }
}

function say(text) {
  process.stderr.write(`${text}\n`);
}
