import http, { type IncomingMessage } from "node:http";
import https from "node:https";
import { Readable } from "node:stream";
import type { Fetch, FetchInit } from "../core/network.ts";
import { toNodeTls } from "./system-network.ts";

/**
 * Ports that the platform's fetch refuses, so that a page cannot talk to a mail server (fetch.spec.whatwg.org/#port-blocking).
 * Whoever watches such a port means it.
 */
const blockedPorts: ReadonlySet<string> = new Set(
  (
    "1 7 9 11 13 15 17 19 20 21 22 23 25 37 42 43 53 69 77 79 87 95 101 102 103 104 109 110 111 113 115 117 119 123 " +
    "135 137 139 143 161 179 389 427 465 512 513 514 515 526 530 531 532 540 548 554 556 563 587 601 636 989 990 993 " +
    "995 1719 1720 1723 2049 3659 4045 4190 5060 5061 6000 6566 6665 6666 6667 6668 6669 6679 6697 10080"
  ).split(" "),
);

/**
 * The platform's fetch; and beside it a plain request, for authorities or certificates of one's own and for ports that
 * fetch refuses.
 */
export const systemFetch: Fetch = (url, { tls, ...init }) =>
  tls === undefined && !blockedPorts.has(new URL(url).port)
    ? fetch(url, init)
    : requestPlainly(url, { ...init, tls: tls ?? {} });

/** One request on a fresh connection; redirects are never followed here. */
function requestPlainly(url: string, init: FetchInit): Promise<Response> {
  const { method = "GET", headers, body, signal, tls = {} } = init;
  return new Promise((resolve, reject) => {
    const { protocol, hostname } = new URL(url);
    const isSecure = protocol === "https:";
    const request = (isSecure ? https : http).request(url, {
      agent: false,
      method,
      headers: Object.fromEntries(new Headers(headers)),
      ...(signal ? { signal } : {}),
      ...(isSecure ? toNodeTls(tls, hostname) : {}),
    });
    request.once("error", (error) => reject(new TypeError("fetch failed", { cause: error })));
    request.once("response", (response) => {
      try {
        resolve(toResponse(response, method));
      } catch (error) {
        // A status or a header that the platform's Response refuses: nothing of ours, and not the end of us.
        request.destroy();
        reject(new TypeError("fetch failed", { cause: error }));
      }
    });
    request.end(typeof body === "string" || body instanceof Uint8Array ? body : undefined);
  });
}

function toResponse(response: IncomingMessage, method: string): Response {
  const { statusCode = 502, statusMessage = "", rawHeaders } = response;
  const headers = new Headers();
  for (let i = 0; i + 1 < rawHeaders.length; i += 2) {
    headers.append(rawHeaders[i] ?? "", rawHeaders[i + 1] ?? "");
  }
  const isBodyless = [101, 204, 205, 304].includes(statusCode) || method === "HEAD";
  const body = isBodyless ? null : Readable.toWeb(response);
  return new Response(body, { status: statusCode, statusText: statusMessage, headers });
}
