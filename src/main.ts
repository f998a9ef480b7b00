// The only file that knows the process: arguments, environment, signals, standard streams, the exit code.
import { readFileSync } from "node:fs";
import os from "node:os";
import path from "node:path";
import { systemClock } from "./core/clock.ts";
import type { Terminal } from "./cli/command.ts";
import { toPluginArgs } from "./cli/munin.ts";
import { runCommandLine } from "./cli/program.ts";
import { createProcessTty } from "./cli/screen/process-tty.ts";
import { systemFetch } from "./engine/system-fetch.ts";
import { systemNetwork } from "./engine/system-network.ts";

/** A stop that takes longer is cut short; whatever was committed stays committed. */
const stopMaxMs = 4_800;

const root = path.dirname(import.meta.dirname);
const stop = new AbortController();

for (const signal of ["SIGINT", "SIGTERM"] as const) {
  process.once(signal, () => {
    stop.abort(new Error(`stopped by ${signal}`));
    setTimeout(() => process.exit(0), stopMaxMs).unref();
    process.once(signal, () => process.exit(1));
  });
}
// A stream whose reader went away, or whose disk is full, fails the write that it concerns; it does not end a node.
process.stdout.on("error", () => {});
process.stderr.on("error", () => {});

const terminal: Terminal = {
  print: writeOut,
  note: (text) => process.stderr.write(text),
  env: process.env,
  isInteractive: process.stdout.isTTY,
  isLogInteractive: process.stderr.isTTY,
  get columns() {
    return process.stdout.isTTY ? process.stdout.columns : undefined;
  },
  get tty() {
    return process.stdin.isTTY && process.stdout.isTTY ? createProcessTty(process) : undefined;
  },
  stop: stop.signal,
  onHangup(listener) {
    process.on("SIGHUP", listener);
    return { [Symbol.dispose]: () => process.off("SIGHUP", listener) };
  },
  version: readVersion(),
  hostName: os.hostname(),
  pageFolder: path.join(root, "dist", "ui"),
  environment: {
    clock: systemClock,
    random: Math.random,
    fetch: systemFetch,
    network: systemNetwork,
    print: writeOut,
  },
};

function writeOut(text: string): Promise<void> {
  return new Promise((resolve, reject) => {
    process.stdout.write(text, (error) => (error ? reject(error) : resolve()));
  });
}

function readVersion(): string {
  return JSON.parse(readFileSync(path.join(root, "package.json"), "utf8")).version;
}

const [, program = "", ...args] = process.argv;
process.exit(await runCommandLine([...toPluginArgs(program), ...args], terminal));
