import type { Context } from "../core/component.ts";
import { Permanent, RetryLater } from "../core/errors.ts";
import type { TlsOptions } from "../core/network.ts";

export interface Post {
  readonly url: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string | Uint8Array<ArrayBuffer>;
  readonly tls?: TlsOptions | undefined;
  readonly signal: AbortSignal;
}

/** What is read of an answer. */
const answerBytesMax = 4_096;
const shownCharsMax = 200;

/**
 * Answers that speak of the address or of who is asking, not of what was sent: they last until somebody mends the
 * configuration or the receiver, and nothing may be lost until then.
 */
const aboutAccess: ReadonlySet<number> = new Set([401, 403, 404, 405, 407]);

/**
 * Resolves when the receiver has taken the body (2xx). Throws Permanent when it never will, RetryLater when it says when
 * to come back (RFC 9110, section 10.2.3), and any other error when it may be tried again. Redirects are not followed:
 * most clients would go on with a GET and lose the body.
 */
export async function post(
  request: Post,
  { fetch, now }: Pick<Context, "fetch" | "now">,
): Promise<void> {
  const { url, headers, body, tls, signal } = request;
  const init = { method: "POST", headers, body, signal, redirect: "manual" } as const;
  const response = await fetch(url, { ...init, ...(tls !== undefined && { tls }) });
  const text = await readStart(response);
  const { status } = response;
  if (response.ok) {
    return;
  }
  const problem = `${hostOf(url)} answers ${status} ${response.statusText}`.trim();
  const detail = firstLine(text);
  const message = detail === "" ? problem : `${problem}: ${detail}`;
  if (status >= 300 && status < 400) {
    throw new Error(`${problem}; write the address it redirects to into the configuration`);
  }
  const isRefusal = status >= 400 && status < 500 && status !== 408 && status !== 429;
  if (isRefusal && !aboutAccess.has(status)) {
    throw new Permanent(message);
  }
  const afterMs = parseRetryAfter(response.headers.get("retry-after"), now());
  throw afterMs === undefined ? new Error(message) : new RetryLater(message, afterMs);
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

/** A path may hold a token. */
function hostOf(url: string): string {
  return new URL(url).host;
}

/** Seconds, or a date. */
function parseRetryAfter(text: string | null, now: number): number | undefined {
  if (text === null) {
    return undefined;
  }
  const ms = /^\s*\d+\s*$/.test(text) ? Number(text) * 1000 : Date.parse(text) - now;
  return Number.isFinite(ms) ? Math.max(0, ms) : undefined;
}
