import { UserError } from "../core/errors.ts";
import { JournalUnavailable } from "./journal.ts";

/** Primary result codes, https://www.sqlite.org/rescode.html */
const busy = 5;
const readOnly = 8;
const ioError = 10;
const corrupt = 11;
const full = 13;
const cannotOpen = 14;
const notADatabase = 26;

/** The primary result code of an error of node:sqlite; undefined for any other. */
function resultCodeOf(error: unknown): number | undefined {
  if (error instanceof Error && "errcode" in error && typeof error.errcode === "number") {
    return error.errcode & 0xff;
  }
  return undefined;
}

export function isDamage(error: unknown): boolean {
  const code = resultCodeOf(error);
  return code === corrupt || code === notADatabase;
}

export function isDiskFull(error: unknown): boolean {
  return resultCodeOf(error) === full;
}

/** What the port throws when a statement failed, with a word on what to do. */
export function toPortError(
  error: unknown,
  doing: "read" | "written",
  file: string,
): JournalUnavailable {
  if (error instanceof JournalUnavailable) {
    return error;
  }
  const consequence = doing === "written" ? "Nothing was changed, and it can be tried again. " : "";
  const message = `The journal ${file} could not be ${doing}. ${consequence}${adviceFor(error)}`;
  return new JournalUnavailable(message, { cause: error });
}

/** What opening a file throws: this one stops the program, with a word on how to go on. */
export function toOpenError(error: unknown, file: string): UserError {
  if (error instanceof UserError) {
    return error;
  }
  const message = `The journal ${file} could not be opened. ${adviceFor(error)}`;
  const code = isDamage(error) ? "JOURNAL_CORRUPT" : "JOURNAL_UNAVAILABLE";
  return new UserError(code, message, { cause: error });
}

function adviceFor(error: unknown): string {
  switch (resultCodeOf(error)) {
    case full:
      return "Its disk is full: free some room there. A shorter retention needs less of it from then on.";
    case ioError:
      return "Its disk reports an error: see the system's log, and check that it is not full.";
    case busy:
      return "Another process holds it locked: stop that one, or wait until it is done.";
    case readOnly:
    case cannotOpen:
      return "Check that its folder exists and that the user who runs Watchpost may write to it.";
    case corrupt:
    case notADatabase:
      return "The file is damaged: move it away, and a new journal begins.";
    case undefined:
    default:
      return "See the cause.";
  }
}
