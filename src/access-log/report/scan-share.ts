// What a worker does with a share: it reads the pieces itself, one after the other, and keeps what
// they say in one result.

import { closeSync, openSync, readSync } from "node:fs";
import type { DetectedFormat } from "../format/detect-format.ts";
import { type ScanResult, scanLimits } from "../scan/log-scanner.ts";
import { createLineCounts, mergeScanResults } from "../scan/scan-result.ts";
import type { ReportScanner } from "./create-report-scanner.ts";
import { detectLog, headBytes } from "./detect-log.ts";
import {
  emptyFile,
  fallbackFormat,
  toReadProblem,
  toStreamProblem,
  unknownFormat,
} from "./file-problems.ts";
import { LineFeeder } from "./line-feeder.ts";
import { type ByteRange, scanRange } from "./scan-range.ts";
import {
  type FileProblem,
  type Piece,
  type PieceOutcome,
  reportLimits,
  type Share,
} from "./scan-request.ts";
import type { ScannerShelf } from "./scanner-shelf.ts";

export interface ShareScan {
  readonly result: ScanResult | undefined;
  readonly outcomes: readonly PieceOutcome[];
}

/** So many more bytes have been read, as they are on the disk. */
export type OnBytes = (count: number) => void;

/** Never rejects: what goes wrong with a piece is in its outcome, and the others go on. */
export async function scanShare(
  share: Share,
  shelf: ScannerShelf,
  onBytes: OnBytes,
): Promise<ShareScan> {
  let result: ScanResult | undefined;
  const outcomes: PieceOutcome[] = [];
  for (const piece of share.pieces) {
    const scan = new PieceScan(piece, shelf);
    const problem = await readPiece(piece, scan, onBytes);
    const found = scan.result();
    outcomes.push({
      file: piece.file,
      lines: found?.lines ?? createLineCounts(),
      bytes: scan.bytes,
      failures: found?.failures ?? [],
      detected: scan.detected,
      problem: problem ?? scan.problem,
    });
    result =
      found !== undefined && result !== undefined
        ? mergeScanResults(result, found)
        : (found ?? result);
  }
  return { result, outcomes };
}

async function readPiece(
  { path, range }: Piece,
  scan: PieceScan,
  onBytes: OnBytes,
): Promise<FileProblem | undefined> {
  try {
    return range === undefined
      ? await readStream(path, scan, onBytes)
      : readRange(path, range, scan, onBytes);
  } catch (error) {
    return toReadProblem(error);
  }
}

/** The lines of one piece. Without a format, the first bytes wait until it is known. */
class PieceScan {
  bytes = 0;
  detected: DetectedFormat | undefined;
  problem: FileProblem | undefined;
  readonly #shelf: ScannerShelf;
  #waiting: Uint8Array[] = [];
  #waitingBytes = 0;
  #scanner: ReportScanner | undefined;
  #feeder: LineFeeder | undefined;

  constructor({ format }: Piece, shelf: ScannerShelf) {
    this.#shelf = shelf;
    if (format !== undefined) {
      this.#start(format);
    }
  }

  get lineBytesMax(): number {
    return { ...scanLimits, ...reportLimits }.lineBytesMax;
  }

  /** Throws when the format is not known yet. */
  get scanner(): ReportScanner {
    if (this.#scanner === undefined) {
      throw new Error("a range needs a format");
    }
    return this.#scanner;
  }

  add(bytes: Uint8Array): void {
    this.bytes += bytes.length;
    if (this.#feeder !== undefined) {
      this.#feeder.add(bytes);
    } else {
      this.#waiting.push(bytes);
      this.#waitingBytes += bytes.length;
      if (this.#waitingBytes >= headBytes) {
        this.#detect(false);
      }
    }
  }

  end(): void {
    if (this.#feeder === undefined && this.problem === undefined) {
      this.#detect(true);
    }
    this.#feeder?.end();
  }

  result(): ScanResult | undefined {
    return this.#scanner?.result();
  }

  #detect(isWhole: boolean): void {
    const head = Buffer.concat(this.#waiting);
    this.#waiting = [];
    this.detected = detectLog(head, { isWhole });
    if (this.detected === undefined && head.length === 0) {
      this.problem = emptyFile;
      return;
    }
    if (this.detected === undefined) {
      this.problem = unknownFormat;
    }
    this.#start(this.detected?.format ?? fallbackFormat)?.add(head);
  }

  #start(text: string): LineFeeder | undefined {
    const { scanner, problem } = this.#shelf.take(text);
    if (scanner === undefined) {
      this.problem = { code: "failed", message: `cannot be read as ${text}: ${problem}` };
      return undefined;
    }
    this.#scanner = scanner;
    this.#feeder = new LineFeeder(scanner, this.lineBytesMax);
    return this.#feeder;
  }
}

async function readStream(
  path: string,
  scan: PieceScan,
  onBytes: OnBytes,
): Promise<FileProblem | undefined> {
  // A worker that only reads ranges of plain files is spared what sockets and zlib take to load.
  const { openBytes } = await import("./open-bytes.ts");
  const { createDecompressor, detectCompression, magicBytes } = await import("./decompress.ts");
  const source = openBytes(path);
  let decompressor: ReturnType<typeof createDecompressor> | undefined;
  try {
    for await (const chunk of joinFirst(source, magicBytes)) {
      if (decompressor === undefined) {
        const found = detectCompression(chunk.subarray(0, magicBytes));
        if (typeof found !== "string") {
          return { code: "foreign-compression", message: found.problem };
        }
        decompressor = createDecompressor(found, (bytes) => scan.add(bytes));
      }
      await decompressor.write(chunk);
      onBytes(chunk.length);
    }
    await decompressor?.end();
    return undefined;
  } catch (error) {
    return toStreamProblem(error);
  } finally {
    source.destroy();
    scan.end();
  }
}

/** The first chunk has at least so many bytes, unless there are no more. */
async function* joinFirst(
  source: AsyncIterable<Uint8Array>,
  sizeMin: number,
): AsyncGenerator<Uint8Array> {
  let first: Uint8Array | undefined = new Uint8Array(0);
  for await (const chunk of source) {
    if (first === undefined) {
      yield chunk;
    } else {
      first = Buffer.concat([first, chunk]);
      if (first.length >= sizeMin) {
        yield first;
        first = undefined;
      }
    }
  }
  if (first !== undefined && first.length > 0) {
    yield first;
  }
}

function readRange(
  path: string,
  range: ByteRange,
  scan: PieceScan,
  onBytes: OnBytes,
): FileProblem | undefined {
  if (scan.problem !== undefined) {
    return scan.problem;
  }
  const fd = openSync(path, "r");
  try {
    const isWhole = scanRange({
      readAt: (into, position) => readSync(fd, into, 0, into.length, position),
      range,
      sink: scan.scanner,
      lineBytesMax: scan.lineBytesMax,
      onBytes: (count) => {
        scan.bytes += count;
        onBytes(count);
      },
    });
    return isWhole
      ? undefined
      : { code: "shrunk", message: "became shorter while it was read; its last lines are missing" };
  } finally {
    closeSync(fd);
  }
}
