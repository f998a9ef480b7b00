import type { IncomingMessage } from "node:http";
import https from "node:https";
import { Readable } from "node:stream";
import type { Fetch, FetchInit } from "../core/network.ts";
import { toNodeTls } from "./system-network.ts";

/** The platform's fetch, and beside it a plain https request for authorities or certificates of one's own. */
export const systemFetch: Fetch = (url, { tls, ...init }) =>
  tls === undefined ? fetch(url, init) : fetchOverTls(url, { ...init, tls });

/** One request on a fresh connection; redirects are never followed here. */
function fetchOverTls(url: string, init: FetchInit): Promise<Response> {
  const { method = "GET", headers, body, signal, tls = {} } = init;
  return new Promise((resolve, reject) => {
    const request = https.request(url, {
      agent: false,
      method,
      headers: Object.fromEntries(new Headers(headers)),
      ...(signal ? { signal } : {}),
      ...toNodeTls(tls, new URL(url).hostname),
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
