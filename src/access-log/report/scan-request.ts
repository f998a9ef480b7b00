// What travels between the command line's thread and the workers that scan. Plain data.

import type { FormatOptions } from "../format/format-result.ts";
import type { LineCounts, ScanLimits, ScanSpec } from "../scan/log-scanner.ts";
import type { FailingLine } from "../scan/log-scanner.ts";
import type { DetectedFormat } from "../format/detect-format.ts";
import type { ByteRange } from "./scan-range.ts";

/** The same for all files. */
export interface ScanRequest {
  /** Without the format: files may differ in it. */
  readonly spec: Omit<ScanSpec, "format" | "fallback" | "limits">;
  readonly formatOptions: FormatOptions;
  /** Formats are a user's, in which `common` and `combined` are meant loosely. */
  readonly isFormatGiven: boolean;
  /** Requests before are `filtered`; in ms since the epoch. */
  readonly since?: number | undefined;
  /** Requests at or after are `filtered`. */
  readonly until?: number | undefined;
}

/** Standard input, where a path is expected. */
export const standardInput = "-";

/** A file, or a part of a plain one. */
export interface Piece {
  /** Which file: its place among those that were given. */
  readonly file: number;
  readonly path: string;
  /** The lines that start there; undefined: all that comes, decompressed. */
  readonly range: ByteRange | undefined;
  /** As parseFormat takes it; undefined: to be detected from the first lines. */
  readonly format: string | undefined;
}

/** Pieces in a row that one worker takes and gives one result for. */
export interface Share {
  readonly pieces: readonly Piece[];
}

/** What became of a piece. Its lines are in the share's result. */
export interface PieceOutcome {
  readonly file: number;
  readonly lines: LineCounts;
  /** Decompressed. */
  readonly bytes: number;
  readonly failures: readonly FailingLine[];
  /** Where the format was not given. */
  readonly detected: DetectedFormat | undefined;
  readonly problem: FileProblem | undefined;
}

/** Why a file, or the rest of it, is in no total. */
export interface FileProblem {
  readonly code: FileProblemCode;
  /** The end of a sentence that begins with the file's name. */
  readonly message: string;
}

export const fileProblemCodes = {
  missing: "There is no such file.",
  folder: "It is a folder.",
  unreadable: "It could not be opened or read.",
  empty: "It has no lines.",
  "foreign-compression": "It is compressed in a way that is not read.",
  truncated: "It ends inside its compressed data; what came before it is counted.",
  damaged: "Its compressed data are damaged; what came before the damage is counted.",
  shrunk: "It became shorter while it was read.",
  "unknown-format": "No known format fits its lines.",
  unparsed: "No line of it fits the format.",
  failed: "The program failed at it.",
} as const;
export type FileProblemCode = keyof typeof fileProblemCodes;

/** What a report keeps, beyond what a followed log does: results are few and looked at by people. */
export const reportLimits: Partial<ScanLimits> = {
  groupsMax: 1000,
  topEntriesMax: 4_000,
  windowsMax: 240,
  failuresMax: 20,
};

export type ToWorker = { readonly kind: "scan"; readonly id: number; readonly share: Share };

export type FromWorker =
  | { readonly kind: "progress"; readonly bytes: number }
  | {
      readonly kind: "done";
      readonly id: number;
      /** Of scanResultToBytes; undefined when no line was read. */
      readonly result: Uint8Array<ArrayBuffer> | undefined;
      readonly outcomes: readonly PieceOutcome[];
    };
