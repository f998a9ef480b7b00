// One run of our scanner in a process of its own, so that its CPU time and memory are its alone.
// Reads the file twice, and prints what the first time cost and what the second, as JSON.
// `node _scan-log-file.ts FILE`.

import { closeSync, openSync, readSync } from "node:fs";
import { parseFormat } from "../src/access-log/format/parse-format.ts";
import { createLogScanner } from "../src/access-log/scan/create-log-scanner.ts";
import { requestsOf } from "../src/access-log/scan/log-scanner.ts";
import { timedCombined, topFolders } from "./_log-lines.ts";

const chunkBytes = 1 << 17;

const [file = ""] = process.argv.slice(2);
const { format, problem } = parseFormat(timedCombined);
if (format === undefined) {
  throw new Error(problem);
}
const rules = topFolders.map((folder) => ({ match: `^/${folder}(?:/|$)`, group: folder }));
const scanner = createLogScanner({ format, groups: { rules }, slowSeconds: 1 });
const bytes = new Uint8Array(chunkBytes + 65_536);
scanFile();
const cpuSeconds = cpuNow();
const wallSeconds = performance.now() / 1000;
const result = scanner.result();
const p99 = [...result.groups.values()].map(({ durations }) => durations.quantile(0.99));
const tops = Object.values(result.tops).map((top) => top.entries(20).length);
const [cpuBefore, wallBefore] = [cpuNow(), performance.now()];
scanFile();
console.log(
  JSON.stringify({
    lines: result.lines.read,
    requests: requestsOf(result),
    unparsed: Object.values(result.lines.unparsed).reduce((sum, count) => sum + count, 0),
    groups: p99.length,
    tops,
    clients: result.clients.count,
    cpuSeconds,
    wallSeconds,
    warmCpuSeconds: cpuNow() - cpuBefore,
    warmWallSeconds: (performance.now() - wallBefore) / 1000,
    peakMiB: Math.round(process.resourceUsage().maxRSS / 1024),
  }),
);

function scanFile(): void {
  const descriptor = openSync(file, "r");
  let kept = 0;
  for (;;) {
    const read = readSync(descriptor, bytes, kept, chunkBytes - kept, null);
    if (read === 0) {
      break;
    }
    const end = kept + read;
    const at = scanner.scan(bytes, 0, end);
    bytes.copyWithin(0, at, end);
    kept = end - at;
  }
  scanner.scanRest(bytes, 0, kept);
  closeSync(descriptor);
}

/** All threads. */
function cpuNow(): number {
  const { user, system } = process.cpuUsage();
  return (user + system) / 1e6;
}
