import { STATUS_CODES } from "node:http";
import type { ErrorCode } from "../core/errors.ts";
import { JournalUnavailable } from "../journal/journal.ts";

/** An answer that is an error, as RFC 9457 has it. */
export class HttpProblem extends Error {
  override readonly name = "HttpProblem";
  readonly status: number;
  readonly code: ErrorCode;

  constructor(status: number, code: ErrorCode, message: string) {
    super(message);
    this.status = status;
    this.code = code;
  }

  /** The body; sent as application/problem+json. */
  toJSON(): Readonly<Record<string, unknown>> {
    const { status, code, message } = this;
    return { type: "about:blank", title: STATUS_CODES[status], status, code, detail: message };
  }
}

/** What a client is told of any error; undefined for a mistake of ours, of which it is told nothing. */
export function toHttpProblem(error: unknown): HttpProblem | undefined {
  if (error instanceof HttpProblem) {
    return error;
  }
  if (error instanceof JournalUnavailable) {
    return new HttpProblem(503, error.code, error.message);
  }
  // What fastify refuses before any of our code runs: a body that is too large, a URL that does not decode.
  if (error instanceof Error && "statusCode" in error) {
    const status = Number(error.statusCode);
    return status >= 400 && status < 500
      ? new HttpProblem(status, "REQUEST_INVALID", error.message)
      : undefined;
  }
  return undefined;
}
