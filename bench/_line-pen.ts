// Writes access-log lines as a busy nginx does: now, and as many as it is told.

import { closeSync, mkdtempSync, openSync, readFileSync, rmSync, writeSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import { toLogTime } from "../src/access-log/format/to-log-time.ts";
import { writeLog } from "./_log-lines.ts";

const shape = { clients: 20_000, targets: 3000, agentChars: 82 };

/** Each in two halves, between which its time stands. */
const bodies = createBodies();

export class LinePen {
  lines = 0;
  readonly #file: number;
  /** When so many lines had been written, in performance.now(). */
  readonly #marks: { readonly lines: number; readonly atMs: number }[] = [];

  constructor(file: string) {
    this.#file = openSync(file, "a");
  }

  write(count: number): void {
    const time = toLogTime(Date.now());
    const texts: string[] = [];
    for (let index = 0; index < count; index++) {
      const [before, behind] = bodies[(this.lines + index) % bodies.length] ?? ["", ""];
      texts.push(before + time + behind);
    }
    writeSync(this.#file, texts.join(""), null, "latin1");
    this.lines += count;
    this.#marks.push({ lines: this.lines, atMs: performance.now() });
  }

  /** When the line behind the first `lines` was written; now when there is none. */
  writtenAt(lines: number): number {
    return this.#marks.find((mark) => mark.lines > lines)?.atMs ?? performance.now();
  }

  close(): void {
    closeSync(this.#file);
  }
}

function createBodies(): readonly (readonly [string, string])[] {
  const folder = mkdtempSync(path.join(tmpdir(), "line-pen-"));
  try {
    const file = path.join(folder, "lines");
    writeLog(file, 5_000_000, shape);
    return readFileSync(file, "latin1")
      .split("\n")
      .slice(0, -1)
      .map((line) => {
        const from = line.indexOf("[") + 1;
        return [line.slice(0, from), `${line.slice(line.indexOf("]", from))}\n`] as const;
      });
  } finally {
    rmSync(folder, { recursive: true });
  }
}
