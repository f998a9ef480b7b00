// Lines per CPU-second of the access-log scanner for each kind of format, on the same requests, beside
// what reads such lines elsewhere: GoAccess and jq where they are installed, mawk that only splits, and
// Node's own JSON.parse of each line as a floor. Only ratios of one run travel. `--mb` sets the size of
// the combined log that the others are made from (default 60).

import { spawnSync } from "node:child_process";
import { mkdtempSync, rmSync, statSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import { convertLog, otherFormats } from "./_format-lines.ts";
import { writeLog } from "./_log-lines.ts";

const sizeArgument = process.argv.indexOf("--mb");
const sizeBytes = (sizeArgument < 0 ? 60 : Number(process.argv[sizeArgument + 1])) * 1e6;
const runMsMax = 120_000;

const goaccessCaddy =
  '{"ts":"%x.%^","request":{"client_ip":"%h","proto":"%H","method":"%m","host":"%v","uri":"%U",' +
  '"headers":{"User-Agent":["%u"],"Referer":["%R"]}},"duration":"%T","size":"%b","status":"%s"}';
const mawkSplits: Readonly<Record<string, string>> = { LTSV: "\t", logfmt: " ", "nginx JSON": '"' };

const folder = mkdtempSync(path.join(tmpdir(), "formats-bench-"));
try {
  const base = path.join(folder, "base.log");
  const lines = writeLog(base, sizeBytes, { clients: 20_000, targets: 3000, agentChars: 82 });
  const rows = Object.entries(otherFormats).flatMap(([name, [format, toLine]]) => {
    const file = path.join(folder, `${name.replaceAll(" ", "-")}.log`);
    convertLog(base, file, toLine);
    const found = compare(name, { format, file, lines });
    rmSync(file);
    return found;
  });
  console.table(rows);
} finally {
  rmSync(folder, { recursive: true });
}

interface Log {
  readonly format: string;
  readonly file: string;
  readonly lines: number;
}

function compare(name: string, { format, file, lines }: Log): readonly object[] {
  const program = path.join(import.meta.dirname, "_scan-format.ts");
  const ours = runNode([program, "scan", format, file]);
  const where = runNode([program, "scan", format, file, 'not agent ~ "bot|spider"']);
  const runs: (readonly [string, number | undefined])[] = [
    ["watchpost", ours],
    ["watchpost, where on agents", where],
    ...(name.endsWith("JSON")
      ? [["JSON.parse of each line", runNode([program, "parse", format, file])] as const]
      : []),
    ["grep -c 500", runPeer(["grep", "-c", "500", file])],
  ];
  const separator = mawkSplits[name];
  if (separator !== undefined) {
    runs.push([
      "mawk, splits and counts one column",
      runPeer(["mawk", "-F", separator, "{ n[$8]++ } END { print length(n) }", file]),
    ]);
  }
  if (name === "Caddy JSON") {
    const output = path.join(folder, "goaccess.json");
    const options = ["--date-format=%s", "--time-format=%s", "--no-global-config", "-o", output];
    const log = ["goaccess", file, `--log-format=${goaccessCaddy}`];
    runs.push(
      ["goaccess", runPeer([...log, ...options])],
      ["jq .status", runPeer(["jq", "-c", ".status", file])],
    );
  }
  const bytes = Math.round(statSync(file).size / lines);
  return runs.flatMap(([by, seconds]) => {
    const isRun = seconds !== undefined && seconds > 0;
    return isRun
      ? [toRow({ name, bytes, by, rate: lines / seconds, ours: lines / (ours ?? 1) })]
      : [];
  });
}

interface Rate {
  readonly name: string;
  readonly bytes: number;
  readonly by: string;
  readonly rate: number;
  readonly ours: number;
}

function toRow({ name, bytes, by, rate, ours }: Rate): object {
  return {
    format: name,
    "bytes a line": bytes,
    by,
    "k lines/CPU s": Math.round(rate / 1000),
    "ours to it": Number((ours / rate).toFixed(2)),
  };
}

/** CPU-seconds of the best of several rounds, once warm. */
function runNode(args: readonly string[]): number | undefined {
  const { stdout, stderr } = spawnSync(process.execPath, args, { encoding: "utf8" });
  if (stdout === "") {
    throw new Error(stderr);
  }
  return Number(stdout);
}

/** CPU-seconds; undefined when it is not installed, or fails. The shell's `time` knows the cost. */
function runPeer([name = "", ...args]: readonly string[]): number | undefined {
  if (spawnSync("which", [name]).status !== 0) {
    return undefined;
  }
  const script = 'TIMEFORMAT="cost %U %S"; time "$@"';
  const { stderr } = spawnSync("bash", ["-c", script, "bash", name, ...args], {
    encoding: "utf8",
    timeout: runMsMax,
    maxBuffer: 1 << 28,
  });
  const [, user, system] = /^cost (\S+) (\S+)$/m.exec(stderr) ?? [];
  return user === undefined ? undefined : Number(user) + Number(system);
}
