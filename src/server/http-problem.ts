import type { ErrorCode } from "../core/errors.ts";

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
    return { type: "about:blank", status: this.status, code: this.code, detail: this.message };
  }
}
