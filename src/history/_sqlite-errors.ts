import { describeError, UserError } from "../core/errors.ts";
import { HistoryUnavailable } from "./history.ts";

/** Primary result codes, https://www.sqlite.org/rescode.html */
const sqlError = 1;
const corrupt = 11;
const full = 13;
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

/** What the port throws when a statement failed; what is no failure of SQLite stays as it is. */
export function toPortError(error: unknown, file: string): unknown {
  return resultCodeOf(error) === undefined
    ? error
    : new HistoryUnavailable(
        `The history ${file} could not be read or written. Nothing was changed, and it can be tried again. ` +
          adviceFor(error),
        { cause: error },
      );
}

/** What opening a file throws: this one stops the program, with a word on how to go on. */
export function toOpenError(error: unknown, file: string): UserError {
  if (error instanceof UserError) {
    return error;
  }
  const message = `The history ${file} could not be opened: ${describeError(error)}. ${adviceFor(error)}`;
  const code = isDamage(error) ? "JOURNAL_CORRUPT" : "HISTORY_UNAVAILABLE";
  return new UserError(code, message, { cause: error });
}

function adviceFor(error: unknown): string {
  const code = resultCodeOf(error);
  if (code === full) {
    return "Its disk is full: free some room there, or lower the history's retention.";
  }
  if (code === sqlError) {
    return "Another version of Watchpost may have written it: move it away, and a new history begins with what the journal holds.";
  }
  return isDamage(error)
    ? "The file is damaged: move it away, and a new history begins with what the journal holds."
    : "Check its disk, that its folder exists, and that the user who runs Watchpost may write to it.";
}
