// One class per decision that a caller has to make, and the stable codes that users meet.

/** Codes shown by the API and the command line. docs/reference/errors.md lists them. */
export const errorCodes = {
  CONFIG_INVALID: "The configuration has errors; each is reported with file, line and column.",
  DATA_FOLDER_IN_USE: "Another running node uses the same data folder.",
  HISTORY_UNAVAILABLE:
    "The history could not be read or written, for example because the disk is full.",
  INTERNAL: "The program made a mistake; its log has the details.",
  JOURNAL_CORRUPT: "A record in the journal or a state file could not be decoded.",
  JOURNAL_UNAVAILABLE: "The journal could not be written, for example because the disk is full.",
  LISTEN_REFUSED: "The server may not, or cannot, listen on the configured address.",
  NODE_UNREACHABLE: "No running node answers at the address.",
  NOT_FOUND: "There is no such resource.",
  QUERY_TOO_LARGE: "Answering would take more work than one query may; ask for less.",
  REQUEST_INVALID: "The request's parameters are wrong.",
  UNAUTHORIZED: "A token is needed, or the one given is wrong.",
  USAGE: "The command line is wrong.",
} as const;

export type ErrorCode = keyof typeof errorCodes;

/** The same input will always fail: the engine drops it, counts it and goes on. Anything else is tried again. */
export class Permanent extends Error {
  override readonly name = "Permanent";
}

/** To be tried again, but not before so many milliseconds: the other side has said so (Retry-After, for example). */
export class RetryLater extends Error {
  override readonly name = "RetryLater";
  readonly afterMs: number;

  constructor(message: string, afterMs: number, options?: ErrorOptions) {
    super(message, options);
    this.afterMs = afterMs;
  }
}

/** Something the person who started the program has to mend. The command line prints it and exits with 2. */
export class UserError extends Error {
  override readonly name = "UserError";
  readonly code: ErrorCode;

  constructor(code: ErrorCode, message: string, options?: ErrorOptions) {
    super(message, options);
    this.code = code;
  }
}

/** Stored bytes do not decode. The reader skips the record, names it and counts it. */
export class Corrupt extends Error {
  override readonly name = "Corrupt";
}

/** A newer writer has taken over this source: the holder stops without another attempt. */
export class StaleWriter extends Error {
  override readonly name = "StaleWriter";
}

/** One line for people, with the causes: "journal: cannot write: database or disk is full". */
export function describeError(error: unknown): string {
  if (!(error instanceof Error)) {
    return String(error);
  }
  const { message, cause, name } = error;
  const own = message === "" ? name : message;
  return cause === undefined ? own : `${own}: ${describeError(cause)}`;
}

/** True when `error` is how an aborted wait ends, as opposed to a failure. */
export function isAbort(error: unknown, signal: AbortSignal): boolean {
  return (
    signal.aborted &&
    error instanceof Error &&
    (error === signal.reason || error.name === "AbortError")
  );
}
