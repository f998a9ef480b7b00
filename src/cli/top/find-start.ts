// Where in a log the last minutes begin, found by halving: a log is sorted by time but for a few lines.
import type { ReadableFile } from "../../core/component.ts";
import type { LineFormat } from "../../access-log/format/line-format.ts";
import { createSlowParser, type SlowParser } from "../../access-log/format/parse-line-slowly.ts";
import { createZoneClock, utcClock } from "../../access-log/format/zone-clock.ts";

export interface StartQuery {
  readonly format: LineFormat;
  /** Of times that are written without one. */
  readonly timeZone: string | undefined;
  /** The first instant that is wanted, in ms since the epoch. */
  readonly sinceMs: number;
  /** No more than so much is to be read. */
  readonly bytesMax: number;
}

/** Nearer to each other, two places are the same: it is read in one go. */
const nearBytes = 64 * 1024;
/** Enough to hold several whole lines. */
const probeBytes = 16 * 1024;

/** The beginning of a line; lines of the wanted time come behind it, and as few others as it can tell. */
export async function findStart(
  file: ReadableFile,
  { format, timeZone, sinceMs, bytesMax }: StartQuery,
): Promise<number> {
  const { sizeBytes } = await file.stat();
  const least = Math.max(0, sizeBytes - bytesMax);
  if (format.layout === "header") {
    // Its first lines say what the others hold: all of it, or what comes from now on.
    return least === 0 ? 0 : sizeBytes;
  }
  const zone = (timeZone === undefined ? undefined : createZoneClock(timeZone)) ?? utcClock;
  const parser = createSlowParser(format, { zone });
  let [low, high] = [least, sizeBytes];
  while (high - low > nearBytes) {
    const middle = Math.floor((low + high) / 2);
    const time = await findTime(file, parser, middle);
    if (time !== undefined && time < sinceMs) {
      low = middle;
    } else {
      high = middle;
    }
  }
  return findLineStart(file, low);
}

/** Of the first line behind the place that has one. */
async function findTime(
  file: ReadableFile,
  parser: SlowParser,
  offset: number,
): Promise<number | undefined> {
  const bytes = Buffer.alloc(probeBytes);
  const read = await file.read(bytes, offset);
  const lines = bytes.subarray(0, read).toString("latin1").split("\n").slice(1, -1);
  for (const line of lines) {
    const outcome = parser.parse(Buffer.from(line, "latin1"));
    if (outcome.kind === "entry" && outcome.entry.time !== undefined) {
      return outcome.entry.time;
    }
  }
  return undefined;
}

const newline = 0x0a;

async function findLineStart(file: ReadableFile, offset: number): Promise<number> {
  if (offset === 0) {
    return 0;
  }
  const bytes = Buffer.alloc(probeBytes);
  const read = await file.read(bytes, offset - 1);
  const at = bytes.subarray(0, read).indexOf(newline);
  return at < 0 ? offset : offset + at;
}
