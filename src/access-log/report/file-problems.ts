// What the system and zlib say about a file, in words.

import { describeError } from "../../core/errors.ts";
import type { FileProblem } from "./scan-request.ts";

const counted = "what could be read before is counted";

/** Of an error while a file is opened or read. */
export function toReadProblem(error: unknown): FileProblem {
  switch (codeOf(error)) {
    case "ENOENT":
    case "ENOTDIR":
      return { code: "missing", message: "does not exist" };
    case "EISDIR":
      return { code: "folder", message: "is a folder; name the files in it" };
    case "EACCES":
    case "EPERM":
      return { code: "unreadable", message: "may not be read by this user" };
    default:
      return { code: "unreadable", message: `cannot be read: ${describeError(error)}` };
  }
}

/** The same for a file that is read as a stream, which may be compressed. */
export function toStreamProblem(error: unknown): FileProblem {
  const code = codeOf(error);
  if (code === "Z_BUF_ERROR") {
    return { code: "truncated", message: `ends in the middle of its compressed data; ${counted}` };
  }
  if (code.startsWith("Z_") || code.startsWith("ZSTD_")) {
    const reason = describeError(error);
    return { code: "damaged", message: `has damaged compressed data (${reason}); ${counted}` };
  }
  return toReadProblem(error);
}

function codeOf(error: unknown): string {
  return error instanceof Error && "code" in error ? String(error.code) : "";
}

/** Lines in no known format are read as these, so that they are counted. */
export const fallbackFormat = "combined";

export const unknownFormat: FileProblem = {
  code: "unknown-format",
  message:
    `begins with lines in no known format, and was read as ${fallbackFormat}; ` +
    "say how they are laid out with --format",
};

export const emptyFile: FileProblem = { code: "empty", message: "is empty: it has no lines" };
