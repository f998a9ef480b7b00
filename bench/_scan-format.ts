// Rounds over one log in a process of its own; prints the CPU-seconds of the best one.
// `node _scan-format.ts scan FORMAT FILE [WHERE]`, or `parse` for JSON.parse of each line.

import { readFileSync } from "node:fs";
import { parseFormat } from "../src/access-log/format/parse-format.ts";
import { createLogScanner } from "../src/access-log/scan/create-log-scanner.ts";
import { requestsOf } from "../src/access-log/scan/log-scanner.ts";
import { parseWhere } from "../src/access-log/scan/where.ts";
import { topFolders } from "./_log-lines.ts";

const rounds = 6;
const chunkBytes = 1 << 20;

const [mode = "", text = "", file = "", where] = process.argv.slice(2);
const bytes = readFileSync(file);
let best = Infinity;
for (let round = 0; round < rounds; round++) {
  const before = process.cpuUsage();
  if (mode === "scan") {
    scanAll();
  } else {
    parseAll();
  }
  const { user, system } = process.cpuUsage(before);
  best = Math.min(best, (user + system) / 1e6);
}
console.log(best);

function scanAll(): void {
  const { format, problem } = parseFormat(text);
  if (format === undefined) {
    throw new Error(problem);
  }
  const condition = where === undefined ? undefined : parseWhere(where).condition;
  const rules = topFolders.map((name) => ({ match: `^/${name}(?:/|$)`, group: name }));
  const scanner = createLogScanner({
    format,
    groups: { rules },
    slowSeconds: 1,
    ...(condition !== undefined && { where: condition }),
  });
  for (let at = 0; at < bytes.length;) {
    at = scanner.scan(bytes, at, Math.min(bytes.length, at + chunkBytes));
  }
  const { lines } = scanner.result();
  const unread = lines.read - lines.comment - requestsOf(scanner.result());
  if (unread > 0) {
    throw new Error(`${unread} lines were not counted`);
  }
}

function parseAll(): void {
  let found = 0;
  for (let at = 0; at < bytes.length;) {
    const end = bytes.indexOf(10, at);
    found += typeof JSON.parse(bytes.toString("utf8", at, end)) === "object" ? 1 : 0;
    at = end + 1;
  }
  if (found === 0) {
    throw new Error("no line was an object");
  }
}
