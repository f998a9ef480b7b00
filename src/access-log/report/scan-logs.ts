// Scans files on all cores into one result.

import os from "node:os";
import type { DetectedFormat } from "../format/detect-format.ts";
import type { FormatOptions } from "../format/format-result.ts";
import { failureReasons } from "../format/line-format.ts";
import { parseFormat } from "../format/parse-format.ts";
import { createLogScanner } from "../scan/create-log-scanner.ts";
import type { FailingLine, LineCounts, ScanResult } from "../scan/log-scanner.ts";
import { createLineCounts, mergeScanResults, scanResultFromBytes } from "../scan/scan-result.ts";
import { detectLog, readHead } from "./detect-log.ts";
import { emptyFile, fallbackFormat, toStreamProblem, unknownFormat } from "./file-problems.ts";
import { inspectFile } from "./inspect-file.ts";
import { type LogFile, planShares } from "./plan-shares.ts";
import { runPool, type ShareDone } from "./scan-pool.ts";
import { type FileProblem, reportLimits, type ScanRequest } from "./scan-request.ts";

export interface LogsToScan {
  readonly request: ScanRequest;
  readonly paths: readonly string[];
  /** As parseFormat takes it; undefined: each file's is told from its first lines. */
  readonly format: string | undefined;
  readonly signal: AbortSignal;
  readonly onProgress?: ((progress: ScanProgress) => void) | undefined;
  /** As many as there are cores. */
  readonly workersMax?: number | undefined;
  /** Plain files are cut into ranges of about this length; for tests. */
  readonly rangeBytes?: number | undefined;
}

export interface ScanProgress {
  readonly bytes: number;
  /** Of all files, as they are on the disk; undefined when one of them is a pipe. */
  readonly totalBytes: number | undefined;
}

export interface ScannedLogs {
  readonly result: ScanResult;
  readonly files: readonly ScannedFile[];
  /** The last lines that could not be read, oldest first, with the file they are in. */
  readonly failures: readonly FailureIn[];
}

export interface ScannedFile {
  readonly path: string;
  /** As it is on the disk; undefined for pipes. */
  readonly sizeBytes: number | undefined;
  readonly format: string | undefined;
  /** When the format was told from the lines. */
  readonly detected: DetectedFormat | undefined;
  readonly lines: LineCounts;
  readonly problem: FileProblem | undefined;
}

export interface FailureIn extends FailingLine {
  readonly path: string;
}

/**
 * Everything that the files say. What is wrong with one of them is said in `files`, and the others
 * are counted. Rejects with the signal's reason when it is aborted.
 */
export async function scanLogs(logs: LogsToScan): Promise<ScannedLogs> {
  const { request, paths, signal, onProgress, rangeBytes } = logs;
  const files = await prepareFiles(logs);
  const readable = files.flatMap(({ logFile }) => (logFile === undefined ? [] : [logFile]));
  const sizes = readable.map(({ sizeBytes }) => sizeBytes);
  const totalBytes = sizes.reduce<number | undefined>(
    (sum, size) => (sum === undefined || size === undefined ? undefined : sum + size),
    0,
  );
  let bytes = 0;
  const collector = new Collector(
    files.map(({ file }) => file),
    request,
  );
  await runPool({
    request,
    shares: planShares(readable, rangeBytes),
    workersMax: logs.workersMax ?? os.availableParallelism(),
    signal,
    onBytes(count) {
      bytes += count;
      onProgress?.({ bytes, totalBytes });
    },
    onDone: (done) => collector.add(done),
  });
  return collector.finish(paths);
}

interface PreparedFile {
  readonly file: ScannedFile;
  /** Undefined when it cannot be read. */
  readonly logFile: LogFile | undefined;
}

async function prepareFiles({
  paths,
  format,
  request,
  signal,
}: LogsToScan): Promise<PreparedFile[]> {
  const prepared: PreparedFile[] = [];
  let likely: DetectedFormat | undefined;
  for (const [index, path] of paths.entries()) {
    signal.throwIfAborted();
    const one = await prepareFile({ path, index, format, likely, options: request.formatOptions });
    likely = one.file.detected ?? likely;
    prepared.push(one);
  }
  return prepared;
}

interface FileToPrepare {
  readonly path: string;
  readonly index: number;
  readonly format: string | undefined;
  readonly likely: DetectedFormat | undefined;
  readonly options: FormatOptions;
}

async function prepareFile({
  path,
  index,
  format,
  likely,
  options,
}: FileToPrepare): Promise<PreparedFile> {
  const { sizeBytes, isCompressed, problem } = await inspectFile(path);
  const file = { path, sizeBytes, format, detected: undefined, lines: createLineCounts(), problem };
  if (problem !== undefined) {
    return { file, logFile: undefined };
  }
  const logFile = { file: index, path, sizeBytes, isDivisible: false, isCompressed, format };
  if (sizeBytes === undefined) {
    return { file, logFile };
  }
  if (format !== undefined) {
    return { file, logFile: { ...logFile, isDivisible: isDivisible(format, options) } };
  }
  try {
    const head = await readHead(path);
    if (head.bytes.length === 0) {
      return { file: { ...file, problem: emptyFile }, logFile: undefined };
    }
    const detected = detectLog(head.bytes, { likely, isWhole: head.isWhole });
    const text = detected?.format ?? fallbackFormat;
    const unknown = detected === undefined ? unknownFormat : undefined;
    return {
      file: { ...file, format: text, detected, problem: unknown },
      logFile: { ...logFile, format: text, isDivisible: isDivisible(text, options) },
    };
  } catch (error) {
    return { file: { ...file, problem: toStreamProblem(error) }, logFile: undefined };
  }
}

/** The directives of a W3C log hold for the lines behind them. */
function isDivisible(text: string, options: FormatOptions): boolean {
  return parseFormat(text, options).format?.layout !== "header";
}

const failuresMax = 20;

/** Puts the shares together, in their order. */
class Collector {
  readonly #files: ScannedFile[];
  readonly #empty: ScanResult;
  #result: ScanResult;
  #failures: { readonly file: number; readonly failure: FailingLine }[] = [];

  constructor(files: readonly ScannedFile[], { spec }: ScanRequest) {
    this.#files = [...files];
    this.#empty = emptyResult(spec);
    this.#result = this.#empty;
  }

  add({ result, outcomes }: ShareDone): void {
    if (result !== undefined) {
      this.#result = this.#coarsen(mergeScanResults(this.#result, scanResultFromBytes(result)));
    }
    for (const { file: index, lines, detected, problem, failures } of outcomes) {
      const file = this.#files[index];
      if (file !== undefined) {
        this.#files[index] = {
          ...file,
          detected: file.detected ?? detected,
          format: file.format ?? detected?.format,
          lines: addLines(file.lines, lines),
          problem: problem ?? file.problem,
        };
      }
      const more = failures.map((failure) => ({ file: index, failure }));
      this.#failures = [...this.#failures, ...more].slice(-failuresMax);
    }
  }

  finish(paths: readonly string[]): ScannedLogs {
    const failures = this.#failures.map(({ file, failure }) => ({
      ...failure,
      path: paths[file] ?? "",
    }));
    return { result: this.#result, files: this.#files.map(withVerdict), failures };
  }

  /** Longer windows, when the files together have too many. */
  #coarsen(result: ScanResult): ScanResult {
    let coarse = result;
    const windowsMax = reportLimits.windowsMax ?? Infinity;
    while (coarse.series !== undefined && coarse.series.windows.size > windowsMax) {
      const windowMs = coarse.series.windowMs * 2;
      const empty = { ...this.#empty, series: { windowMs, windows: new Map() } };
      coarse = mergeScanResults(coarse, empty);
    }
    return coarse;
  }
}

function emptyResult(spec: ScanRequest["spec"]): ScanResult {
  const { format } = parseFormat("common");
  if (format === undefined) {
    throw new Error("the format common is gone");
  }
  return createLogScanner({ ...spec, format, limits: reportLimits }).result();
}

function addLines(one: LineCounts, other: LineCounts): LineCounts {
  const sum = createLineCounts();
  for (const key of [
    "read",
    "parsed",
    "filtered",
    "skipped",
    "ungrouped",
    "comment",
    "tooLong",
  ] as const) {
    sum[key] = one[key] + other[key];
  }
  for (const reason of failureReasons) {
    sum.unparsed[reason] = one.unparsed[reason] + other.unparsed[reason];
  }
  return sum;
}

/** A file of which nothing could be understood has a problem, too. */
function withVerdict(file: ScannedFile): ScannedFile {
  const { lines, problem, format } = file;
  const understood = lines.parsed + lines.ungrouped + lines.filtered + lines.skipped;
  if (problem !== undefined || understood > 0) {
    return file;
  }
  if (lines.read === lines.comment) {
    return { ...file, problem: emptyFile };
  }
  const message = `has ${lines.read} lines, none of which is laid out as ${format ?? "expected"}`;
  return { ...file, problem: { code: "unparsed", message } };
}
