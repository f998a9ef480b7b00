import { promisify } from "node:util";
import { gzip } from "node:zlib";
import type { Context } from "../core/component.ts";
import { Permanent, RetryLater } from "../core/errors.ts";
import type { TlsOptions } from "../core/network.ts";

export interface Post {
  readonly url: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string | Uint8Array<ArrayBuffer>;
  /** Compresses the body, and says so in its header. */
  readonly isGzipped?: boolean;
  readonly tls?: TlsOptions | undefined;
  readonly signal: AbortSignal;
}

/** What is read of an answer. */
const answerBytesMax = 4_096;
const shownCharsMax = 500;

/**
 * Answers that speak of the address or of who is asking, not of what was sent: they last until somebody mends the
 * configuration or the receiver, and nothing may be lost until then.
 */
const aboutAccess: ReadonlySet<number> = new Set([401, 403, 404, 405, 407]);

/** What became of a request: taken, or refused with a status and words for people. */
export type Answer = { readonly isTaken: true } | Refusal;

export interface Refusal {
  readonly isTaken: false;
  readonly status: number;
  readonly problem: string;
  /** How long the receiver asks to be left alone (RFC 9110, section 10.2.3). */
  readonly retryAfterMs: number | undefined;
}

const compress = promisify(gzip);

/**
 * Sends a body. Redirects are not followed: most clients would go on with a GET and lose it. Rejects when there is no
 * answer.
 */
export async function ask(
  { url, headers, body, isGzipped = false, tls, signal }: Post,
  { fetch, now }: Pick<Context, "fetch" | "now">,
): Promise<Answer> {
  const init = { method: "POST", signal, redirect: "manual" } as const;
  const content = isGzipped
    ? {
        body: Buffer.from(await compress(body)),
        headers: { ...headers, "content-encoding": "gzip" },
      }
    : { body, headers };
  const response = await fetch(url, { ...init, ...content, ...(tls !== undefined && { tls }) });
  const text = await readStart(response);
  if (response.ok) {
    return { isTaken: true };
  }
  const { status, statusText } = response;
  const answer = `${new URL(url).host} answers ${status} ${statusText}`.trim();
  const isRedirect = status >= 300 && status < 400;
  const detail = isRedirect ? "write the address it redirects to" : firstLine(text);
  return {
    isTaken: false,
    status,
    problem: detail === "" ? answer : `${answer}: ${detail}`,
    retryAfterMs: parseRetryAfter(response.headers.get("retry-after"), now()),
  };
}

/**
 * Resolves when the receiver has taken the body. Throws Permanent when it never will, RetryLater when it says when to
 * come back, and any other error when it may be tried again.
 */
export async function post(request: Post, context: Pick<Context, "fetch" | "now">): Promise<void> {
  const answer = await ask(request, context);
  if (!answer.isTaken) {
    throw toRefusalError(answer);
  }
}

/** What to throw, so that the engine does what the status asks for. */
export function toRefusalError({ status, problem, retryAfterMs }: Refusal): Error {
  if (isPermanent(status)) {
    return new Permanent(problem);
  }
  return retryAfterMs === undefined ? new Error(problem) : new RetryLater(problem, retryAfterMs);
}

function isPermanent(status: number): boolean {
  const isRefusal = status >= 400 && status < 500 && status !== 408 && status !== 429;
  return isRefusal && !aboutAccess.has(status);
}

/** The rest is let go; an answer that was read whole leaves its connection open for the next request. */
async function readStart(response: Response): Promise<string> {
  const reader = response.body?.getReader();
  if (reader === undefined) {
    return "";
  }
  const chunks: Uint8Array[] = [];
  let length = 0;
  for (;;) {
    const { done, value } = await reader.read();
    if (done) {
      break;
    }
    chunks.push(value);
    length += value.length;
    if (length > answerBytesMax) {
      await reader.cancel();
      break;
    }
  }
  return Buffer.concat(chunks).toString("utf8", 0, answerBytesMax);
}

function firstLine(text: string): string {
  const line = text.trim().split(/[\r\n]/, 1)[0] ?? "";
  return line.slice(0, shownCharsMax);
}

/** Seconds, or a date. */
function parseRetryAfter(text: string | null, now: number): number | undefined {
  if (text === null) {
    return undefined;
  }
  const ms = /^\s*\d+\s*$/.test(text) ? Number(text) * 1000 : Date.parse(text) - now;
  return Number.isFinite(ms) ? Math.max(0, ms) : undefined;
}
