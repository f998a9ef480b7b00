// The statistics page as CSV. It does not say which process it is of; the head of the page itself does.
import type { Context } from "../core/component.ts";
import type { FetchInit, TlsOptions } from "../core/network.ts";
import type { Dump } from "./count-since.ts";
import type { Selection } from "./ask-socket.ts";
import { parseStats } from "./parse-stats.ts";
import { parsePageHead, type ProcessInfo } from "./process-info.ts";
import { readLimited } from "./read-limited.ts";

export interface UrlQuestion extends Selection {
  readonly url: string;
  readonly credentials?: { readonly username: string; readonly password: string };
  readonly tls?: TlsOptions;
  /** False for a dump that may be of another process than the page's head. */
  readonly isExpected: (dump: Dump) => boolean;
}

type UrlWorld = Pick<Context, "signal" | "fetch">;

/** While workers change, both may answer; a little later only one does. */
const attemptsMax = 4;

/**
 * Fetches the statistics, then the head of the page, until both are surely of one process: either it is the one that
 * is expected, or the head was the same before and after. Rejects as `fetch` does, or in words.
 */
export async function askUrl(question: UrlQuestion, world: UrlWorld): Promise<Dump> {
  const pageUrl = toPageUrl(question.url);
  let last: ProcessInfo | undefined;
  for (let attempt = 1; attempt <= attemptsMax; attempt++) {
    const stats = parseStats(await fetchText(question.url, question, world), {
      isWanted: question.isWanted,
      end: "\n",
    });
    const process = pageUrl === undefined ? undefined : await fetchHead(pageUrl, question, world);
    const dump = { process, stats };
    if (process === undefined || process.pid === last?.pid || question.isExpected(dump)) {
      return dump;
    }
    last = process;
  }
  throw new Error("another process of HAProxy answers at each request");
}

/**
 * The page without its tables: they are limited to a proxy that is not there. Undefined for an address that is not
 * HAProxy's own; then processes cannot be told apart by name.
 */
function toPageUrl(url: string): string | undefined {
  return url.includes(";csv") ? url.replace(";csv", ";norefresh;scope=no-such-proxy") : undefined;
}

async function fetchText(url: string, question: UrlQuestion, world: UrlWorld): Promise<string> {
  const response = await request(url, question, world);
  if (response.status !== 200) {
    await response.body?.cancel();
    throw new Error(describeStatus(response));
  }
  return readLimited(response.body ?? (async function* () {})(), question.sizeBytesMax);
}

const headBytesMax = 64 * 1024;

/** The page is a help, not a need: undefined when there is none, or it does not tell. */
async function fetchHead(
  url: string,
  question: UrlQuestion,
  world: UrlWorld,
): Promise<ProcessInfo | undefined> {
  const response = await request(url, question, world);
  if (response.status !== 200) {
    await response.body?.cancel();
    return undefined;
  }
  const decoder = new TextDecoder();
  let html = "";
  let process: ProcessInfo | undefined;
  // Leaving the loop cancels the rest.
  for await (const chunk of response.body ?? []) {
    const bytes: Uint8Array = chunk;
    html += decoder.decode(bytes, { stream: true });
    process = parsePageHead(html);
    if (process !== undefined || html.length > headBytesMax) {
      break;
    }
  }
  return process;
}

function request(
  url: string,
  { credentials, tls }: UrlQuestion,
  { signal, fetch }: UrlWorld,
): Promise<Response> {
  // A connection that is kept open stays with its worker over reloads, which then tells of nothing but itself.
  const headers: Record<string, string> = { connection: "close", "user-agent": "Watchpost" };
  if (credentials !== undefined) {
    const pair = `${credentials.username}:${credentials.password}`;
    headers["authorization"] = `Basic ${Buffer.from(pair).toString("base64")}`;
  }
  const init: FetchInit = { headers, redirect: "manual", signal, ...(tls ? { tls } : {}) };
  return fetch(url, init);
}

function describeStatus({ status, headers }: Response): string {
  const location = headers.get("location");
  if (location !== null) {
    return `HAProxy's address redirects to ${location} (status ${status}); write the address that it leads to`;
  }
  if (status === 401 || status === 403) {
    return `the statistics are refused with status ${status}; are username and password right?`;
  }
  return `the statistics are answered with status ${status}`;
}
