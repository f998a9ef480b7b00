// What end-to-end tests share: folders, ports and processes that are gone when the test is, whatever happens in it.

import { type ChildProcess, spawn } from "node:child_process";
import { mkdtemp, rm } from "node:fs/promises";
import net from "node:net";
import os from "node:os";
import path from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import {
  findMissing,
  findProgram,
  installCommand,
  loadAptPackages,
} from "../../tools/apt-packages.ts";

const root = path.resolve(import.meta.dirname, "../..");
const pollMs = 50;
const stopTimeoutMs = 10_000;

/** A value for the `skip` option of a test: false, or why the test cannot run here and what would change that. */
export function skipWithout(...programs: readonly string[]): string | false {
  const missing = findMissing(loadAptPackages()).filter(({ program }) =>
    programs.includes(program),
  );
  const names = missing.map(({ program }) => program).join(" and ");
  return missing.length > 0 && `without ${names}: sudo ${installCommand(missing).join(" ")}`;
}

/** The path of a program of tools/apt-packages.txt. */
export function requireProgram(program: string): string {
  const found = findProgram(program);
  if (found === undefined) {
    throw new Error(
      `${program} is not installed; give the test { skip: skipWithout("${program}") }`,
    );
  }
  return found;
}

// ---------------------------------------------------------------------------------------------------------- folders

export interface TempFolder extends AsyncDisposable {
  readonly path: string;
  /** A path inside. */
  readonly join: (...parts: readonly string[]) => string;
}

/** A new folder; removed with all that is in it. */
export async function createTempFolder(): Promise<TempFolder> {
  const folder = await mkdtemp(path.join(os.tmpdir(), "watchpost-test-"));
  return {
    path: folder,
    join: (...parts) => path.join(folder, ...parts),
    [Symbol.asyncDispose]: () => rm(folder, { recursive: true, force: true, maxRetries: 5 }),
  };
}

// ------------------------------------------------------------------------------------------------------------ waiting

/**
 * Polls until `probe` gives something other than undefined and false, and returns that. Throws after 30 s unless told
 * otherwise, or at once when the process that is waited for has ended; both with the process's output.
 */
export async function waitFor<T>(
  what: string,
  probe: () => T | undefined | false | Promise<T | undefined | false>,
  options: { readonly timeoutMs?: number; readonly process?: Running } = {},
): Promise<T> {
  const { timeoutMs = 30_000, process: running } = options;
  const deadline = performance.now() + timeoutMs;
  for (;;) {
    const hasEnded = running?.exit() !== undefined;
    const found = await probe();
    if (found !== undefined && found !== false) {
      return found;
    }
    if (hasEnded || performance.now() > deadline) {
      const why = hasEnded ? "the process has ended" : `nothing within ${timeoutMs} ms`;
      throw new Error(`waiting for ${what}: ${why}\n${running?.output() ?? ""}`);
    }
    await sleep(pollMs);
  }
}

/** A port of the loopback address that nobody listens on. */
export async function findFreePort(): Promise<number> {
  const server = net.createServer().listen(0, "127.0.0.1");
  const { promise, resolve, reject } = Promise.withResolvers<number>();
  server.once("error", reject);
  server.once("listening", () => {
    const address = server.address();
    const port = typeof address === "object" && address !== null ? address.port : 0;
    server.close(() => resolve(port));
  });
  return promise;
}

/** Resolves once somebody accepts connections on a port of the loopback address. */
export async function waitForPort(port: number, running?: Running): Promise<void> {
  const options = running === undefined ? {} : { process: running };
  await waitFor(`port ${port}`, () => isListening(port), options);
}

function isListening(port: number): Promise<boolean> {
  const { promise, resolve } = Promise.withResolvers<boolean>();
  const socket = net.connect({ port, host: "127.0.0.1" });
  socket.once("connect", () => resolve(true));
  socket.once("error", () => resolve(false));
  return promise.finally(() => socket.destroy());
}

// ---------------------------------------------------------------------------------------------------------- processes

/** How a process ended: its exit code, or the signal. */
export interface Exit {
  readonly code: number | null;
  readonly signal: NodeJS.Signals | null;
}

/**
 * A process in a group of its own. Disposing stops it. One that a failed test left behind does not keep the test file
 * from ending, and ends with it.
 */
export interface Running extends AsyncDisposable {
  readonly pid: number;
  readonly stdout: () => string;
  readonly stderr: () => string;
  /** Both streams, in the order of arrival. */
  readonly output: () => string;
  /** Undefined while it runs. */
  readonly exit: () => Exit | undefined;
  readonly exited: Promise<Exit>;
  /** Sends a signal to the process alone. */
  readonly signal: (name: NodeJS.Signals) => void;
  /** SIGTERM, and after 10 s SIGKILL for the whole group. */
  readonly stop: () => Promise<Exit>;
  /** SIGKILL for the whole group, at once. */
  readonly kill: () => Promise<Exit>;
}

export interface StartOptions {
  readonly cwd?: string;
  /** Added to the environment of the tests. */
  readonly env?: Readonly<Record<string, string>>;
}

/** Starts a program without a shell. Rejects when it cannot be started. */
export async function startProcess(
  command: string,
  args: readonly string[],
  options: StartOptions = {},
): Promise<Running> {
  const { cwd, env } = options;
  const child = spawn(command, args, {
    cwd,
    // oxlint-disable-next-line node/no-process-env -- a child needs the PATH and HOME of its parent
    env: { ...process.env, ...env },
    detached: true,
    stdio: ["ignore", "pipe", "pipe"],
  });
  const { promise: spawned, resolve, reject } = Promise.withResolvers<void>();
  child.once("spawn", resolve);
  child.once("error", reject);
  const running = toRunning(child);
  await spawned;
  return running;
}

/** Runs the command line from source: `startWatchpost(["run", "-c", file])`. */
export function startWatchpost(
  args: readonly string[],
  options: StartOptions = {},
): Promise<Running> {
  return startProcess(process.execPath, [path.join(root, "src/main.ts"), ...args], options);
}

function toRunning(child: ChildProcess): Running {
  const chunks: { readonly from: "stdout" | "stderr"; readonly text: string }[] = [];
  for (const from of ["stdout", "stderr"] as const) {
    child[from]?.setEncoding("utf8").on("data", (text: string) => void chunks.push({ from, text }));
  }
  const textOf = (from?: "stdout" | "stderr"): string =>
    chunks.map((chunk) => (from === undefined || chunk.from === from ? chunk.text : "")).join("");
  let exit: Exit | undefined;
  const { promise: exited, resolve } = Promise.withResolvers<Exit>();
  groups.add(child);
  child.once("close", (code, signal) => {
    exit = { code, signal };
    groups.delete(child);
    resolve(exit);
  });
  hold(child, false);
  const awaitExit = (): Promise<Exit> => {
    hold(child, true);
    return exited;
  };
  const kill = (): Promise<Exit> => {
    killGroup(child);
    return awaitExit();
  };
  const stop = async (): Promise<Exit> => {
    child.kill("SIGTERM");
    const timer = setTimeout(() => killGroup(child), stopTimeoutMs);
    return awaitExit().finally(() => clearTimeout(timer));
  };
  return {
    pid: child.pid ?? 0,
    stdout: () => textOf("stdout"),
    stderr: () => textOf("stderr"),
    output: () => textOf(),
    exit: () => exit,
    get exited() {
      return awaitExit();
    },
    signal: (name) => void child.kill(name),
    stop,
    kill,
    [Symbol.asyncDispose]: async () => {
      await stop();
    },
  };
}

/** Lets this process wait for the child, or end without it. */
function hold(child: ChildProcess, isHeld: boolean): void {
  const method = isHeld ? "ref" : "unref";
  child[method]();
  for (const stream of [child.stdout, child.stderr]) {
    if (stream instanceof net.Socket) {
      stream[method]();
    }
  }
}

/** The processes that still run: they go with the test process, also when it is interrupted. */
const groups = new Set<ChildProcess>();

process.once("exit", () => groups.forEach(killGroup));
for (const name of ["SIGINT", "SIGTERM"] as const) {
  process.once(name, () => {
    groups.forEach(killGroup);
    process.kill(process.pid, name);
  });
}

function killGroup({ pid }: ChildProcess): void {
  try {
    process.kill(-(pid ?? Number.NaN), "SIGKILL");
  } catch {
    // The group has ended in the meantime, or never began.
  }
}
