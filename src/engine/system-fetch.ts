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
      const { statusCode = 502, statusMessage = "", rawHeaders } = response;
      const received = new Headers();
      for (let i = 0; i + 1 < rawHeaders.length; i += 2) {
        received.append(rawHeaders[i] ?? "", rawHeaders[i + 1] ?? "");
      }
      const isBodyless = [101, 204, 205, 304].includes(statusCode) || method === "HEAD";
      const stream = isBodyless ? null : Readable.toWeb(response);
      resolve(
        new Response(stream, { status: statusCode, statusText: statusMessage, headers: received }),
      );
    });
    request.end(typeof body === "string" || body instanceof Uint8Array ? body : undefined);
  });
}
