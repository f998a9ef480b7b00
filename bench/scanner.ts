// Lines per CPU-second of `watchpost report`, as it is published, and of its scanner alone, with 20
// groups, percentiles and all top lists, beside mawk, grep, GoAccess and mtail where they are
// installed, on the same file in the same run. Only ratios travel. `--mb N` sets the size of the file
// (default 300); start-up and warming up weigh less in a larger one. `--quick` leaves GoAccess out.

import { spawnSync } from "node:child_process";
import { copyFileSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import { type LogShape, writeLog } from "./_log-lines.ts";

const sizeArgument = process.argv.indexOf("--mb");
const sizeBytes = (sizeArgument < 0 ? 300 : Number(process.argv[sizeArgument + 1])) * 1e6;
const isQuick = process.argv.includes("--quick");
const runMsMax = 400_000;

const shapes: readonly (readonly [name: string, shape: LogShape])[] = [
  ["usual", { clients: 20_000, targets: 3000, agentChars: 82 }],
  ["a million random clients, long agents", { clients: 1e6, targets: 3000, agentChars: 180 }],
];

const awkProgram = `{ split($7, p, "?"); path[p[1]]++; client[$1]++; status[$9]++; bytes += $10; sum += $NF }
END { for (s in status) print s, status[s]; print bytes, sum, length(path), length(client) }`;

const mtailProgram = `counter requests by status
counter bytes
histogram seconds buckets 0.01, 0.03, 0.1, 0.3, 1, 3
/^(?P<client>\\S+) - (?P<user>\\S+) \\[(?P<time>[^\\]]+)\\] "(?P<method>\\S+) (?P<target>\\S+) \\S+" (?P<status>\\d+) (?P<bytes>\\d+) "[^"]*" "[^"]*" (?P<seconds>[\\d.]+)$/ {
  requests[$status]++
  bytes += $bytes
  seconds = $seconds
}
`;

/** The first segment of the path: 20 of them. */
const reportFlags = ["report", "--group=^/(?<group>[^/]+)", "--slow", "1s"];

const folder = mkdtempSync(path.join(tmpdir(), "scanner-bench-"));
const builtMain = build(folder);
try {
  for (const [name, shape] of shapes) {
    const file = path.join(folder, "access.log");
    const lines = writeLog(file, sizeBytes, shape);
    console.log(`\n${name}: ${lines} lines, ${Math.round(sizeBytes / 1e6)} MB`);
    compare(file, lines);
  }
} finally {
  rmSync(folder, { recursive: true });
}

interface Run {
  readonly name: string;
  readonly cpuSeconds: number;
  readonly wallSeconds: number;
}

function compare(file: string, lines: number): void {
  const scanner = runScanner(file, lines);
  const report = [process.execPath, builtMain, ...reportFlags, file];
  const ours = run("report", report);
  const oneCore = run("report on one core", ["taskset", "-c", "0", ...report]);
  const program = path.join(folder, "log.mtail");
  writeFileSync(program, mtailProgram);
  const peers: readonly (readonly string[])[] = [
    ["grep", "-c", " 500 ", file],
    ["mawk", awkProgram, file],
    ["mtail", "--one_shot", "--logtostderr", "--progs", program, "--logs", file],
    [
      "goaccess",
      file,
      "--log-format=COMBINED",
      `--log-format=%h %^ %e [%d:%t %^] "%r" %s %b "%R" "%u" %T`,
      "--date-format=%d/%b/%Y",
      "--time-format=%H:%M:%S",
      "--no-global-config",
      "-o",
      path.join(folder, "goaccess.json"),
    ],
  ];
  const others = peers.filter(([name]) => !(isQuick && name === "goaccess"));
  const runs = [
    ...scanner,
    ...[ours, oneCore, ...others.map((command) => run(command[0] ?? "", command))].flatMap(
      (found) => found ?? [],
    ),
  ];
  const base = ours?.cpuSeconds ?? 1;
  console.table(
    runs.map(({ name, cpuSeconds, wallSeconds }) => ({
      name,
      "CPU s": Number(cpuSeconds.toFixed(2)),
      "wall s": Number(wallSeconds.toFixed(2)),
      "k lines/CPU s": Math.round(lines / cpuSeconds / 1000),
      "to report": Number((cpuSeconds / base).toFixed(2)),
    })),
  );
}

/** Alone, from source, in its first pass over the file and in its second. */
function runScanner(file: string, lines: number): readonly Run[] {
  const script = path.join(import.meta.dirname, "_scan-log-file.ts");
  const { stdout, stderr } = spawnSync(process.execPath, [script, file], { encoding: "utf8" });
  if (stdout === "") {
    throw new Error(stderr);
  }
  const found = JSON.parse(stdout);
  console.log(stdout.trim());
  if (found.requests !== lines) {
    throw new Error(`${lines} lines were written, ${found.requests} requests counted`);
  }
  const { cpuSeconds, warmCpuSeconds, wallSeconds } = found;
  return [
    { name: "scanner", cpuSeconds, wallSeconds },
    { name: "scanner, warm", cpuSeconds: warmCpuSeconds, wallSeconds: found.warmWallSeconds },
  ];
}

/** Undefined when it is not installed. The shell's `time` is the only thing that knows its cost. */
function run(name: string, [program = "", ...args]: readonly string[]): Run | undefined {
  if (spawnSync("which", [program]).status !== 0) {
    return undefined;
  }
  const script = 'TIMEFORMAT="cost %U %S %R"; time "$@"';
  const { stderr } = spawnSync("bash", ["-c", script, "bash", program, ...args], {
    encoding: "utf8",
    timeout: runMsMax,
    maxBuffer: 1 << 28,
  });
  const [, user, system, wall] = /^cost (\S+) (\S+) (\S+)$/m.exec(stderr) ?? [];
  if (wall === undefined) {
    console.log(`${name} did not finish: ${stderr.slice(-200)}`);
    return undefined;
  }
  return { name, cpuSeconds: Number(user) + Number(system), wallSeconds: Number(wall) };
}

/** The JavaScript that is published, in a folder that finds our dependencies. */
function build(into: string): string {
  const root = path.resolve(import.meta.dirname, "..");
  const compiler = path.join(root, "node_modules", ".bin", "tsc");
  const project = path.join(root, "tsconfig.build.json");
  const output = path.join(into, "dist");
  spawnSync(compiler, ["-p", project, "--outDir", output], { stdio: "inherit" });
  copyFileSync(path.join(root, "package.json"), path.join(into, "package.json"));
  symlinkSync(path.join(root, "node_modules"), path.join(into, "node_modules"));
  return path.join(output, "main.js");
}
