// Who may ask: the Host header against DNS rebinding, the token where one is configured.
import { createHash, timingSafeEqual } from "node:crypto";
import type { IncomingHttpHeaders } from "node:http";
import { isIP } from "node:net";
import type { Config } from "../config/config.ts";
import { HttpProblem } from "./http-problem.ts";

/** What scripts, styles and connections the page may use: its own alone. */
export const securityHeaders: Readonly<Record<string, string>> = {
  "content-security-policy": [
    "default-src 'none'",
    "script-src 'self'",
    "style-src 'self'",
    "connect-src 'self'",
    "img-src 'self' data:",
    "font-src 'self'",
    "base-uri 'none'",
    "form-action 'none'",
    "frame-ancestors 'none'",
  ].join("; "),
  "x-content-type-options": "nosniff",
  "referrer-policy": "no-referrer",
  "cross-origin-opener-policy": "same-origin",
  "cross-origin-resource-policy": "same-origin",
};

/**
 * A page of another origin can make a name of its own point to this server and then read what it serves. So only
 * addresses, `localhost`, the configured listen address and `server.hosts` are answered. Throws HttpProblem 421.
 */
export function checkHost(host: string | undefined, server: Config["server"]): void {
  const name = toHostName(host ?? "");
  const isKnown =
    name === "localhost" ||
    isIP(name) !== 0 ||
    name === server.listen.host.toLowerCase() ||
    server.hosts.some((known) => known.toLowerCase() === name);
  if (!isKnown) {
    throw new HttpProblem(
      421,
      "REQUEST_INVALID",
      `this server does not answer for "${name}"; add the name to server.hosts in the configuration`,
    );
  }
}

/** "[::1]:8080" → "::1", "Hub.example:80" → "hub.example". */
function toHostName(host: string): string {
  const bracketed = /^\[([^\]]*)\](?::\d+)?$/.exec(host);
  return (bracketed?.[1] ?? host.replace(/:\d+$/, "")).toLowerCase();
}

/**
 * A page of another site can have its reader's browser ask this server. Browsers say so in a header that no script can
 * set (https://www.w3.org/TR/fetch-metadata/), and ask first before they send JSON across sites, which is never allowed
 * here. Throws HttpProblem 403.
 */
export function checkOrigin(headers: IncomingHttpHeaders): void {
  const site = headers["sec-fetch-site"] ?? "none";
  const type = headers["content-type"] ?? "";
  const isJson = /^application\/json\b/i.test(type);
  if ((site !== "same-origin" && site !== "none") || !isJson) {
    const detail = isJson ? "another site may not ask for this" : "this takes a body of JSON";
    throw new HttpProblem(isJson ? 403 : 415, "REQUEST_INVALID", detail);
  }
}

/** Throws HttpProblem 401 unless the request carries the configured token as `Authorization: Bearer …`. */
export function checkToken(authorization: string | undefined, { token }: Config["server"]): void {
  if (token === undefined) {
    return;
  }
  const given = /^Bearer (.+)$/i.exec(authorization ?? "")?.[1] ?? "";
  if (!timingSafeEqual(toDigest(given), toDigest(token.reveal()))) {
    throw new HttpProblem(
      401,
      "UNAUTHORIZED",
      "this needs the token of server.token, as a Bearer token",
    );
  }
}

function toDigest(text: string): Buffer {
  return createHash("sha256").update(text).digest();
}
