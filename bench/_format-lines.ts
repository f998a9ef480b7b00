// The same requests as lines of other formats: what nginx, Caddy, Traefik, IIS and others would have
// written for the lines of _log-lines.ts.

import { closeSync, openSync, readFileSync, writeSync } from "node:fs";
import { timedCombined } from "./_log-lines.ts";

interface Request {
  readonly client: string;
  readonly user: string;
  readonly time: Date;
  readonly logTime: string;
  readonly method: string;
  readonly target: string;
  readonly status: number;
  readonly bytes: number;
  readonly referrer: string;
  readonly agent: string;
  readonly seconds: number;
}

/** By name: the format as users write it, and a line of it. */
export const otherFormats: Readonly<
  Record<string, readonly [format: string, toLine: (request: Request) => string]>
> = {
  combined: [timedCombined, toCombined],
  "nginx JSON": ["json", toNginxJson],
  "Caddy JSON": ["json", toCaddyJson],
  "Traefik JSON": ["json", toTraefikJson],
  LTSV: ["ltsv", toLtsv],
  logfmt: ["logfmt", toLogfmt],
  W3C: ["w3c", toW3c],
  "own expression": [
    '^(?<client>\\S+) - (?<user>\\S+) \\[(?<time>[^\\]]+)\\] "(?<request>[^"]*)" (?<status>\\d+) ' +
      '(?<bytes>\\d+) "(?<referrer>[^"]*)" "(?<agent>[^"]*)" (?<duration>[\\d.]+)$',
    toCombined,
  ],
};

const linePattern =
  /^(\S+) - (\S+) \[([^\]]+)\] "(\S+) (\S+) \S+" (\d+) (\d+) "([^"]*)" "([^"]*)" (\S+)$/;

/** Writes the lines of `from`, a log of writeLog, as lines of another format. */
export function convertLog(from: string, to: string, toLine: (request: Request) => string): void {
  const descriptor = openSync(to, "w");
  let block: string[] = toLine === toW3c ? [`${w3cHeader}\n`] : [];
  for (const line of readFileSync(from, "latin1").split("\n")) {
    const request = parseLine(line);
    if (request !== undefined) {
      block.push(`${toLine(request)}\n`);
    }
    if (block.length > 5000) {
      writeSync(descriptor, block.join(""), null, "latin1");
      block = [];
    }
  }
  writeSync(descriptor, block.join(""), null, "latin1");
  closeSync(descriptor);
}

function parseLine(line: string): Request | undefined {
  const found = linePattern.exec(line);
  if (found === null) {
    return undefined;
  }
  const [, client = "", user = "", logTime = "", method = "", target = ""] = found;
  const [status = "", bytes = "", referrer = "", agent = "", seconds = ""] = found.slice(6);
  const time = new Date(logTime.replaceAll("/", " ").replace(":", " "));
  return {
    client,
    user,
    time,
    logTime,
    method,
    target,
    status: Number(status),
    bytes: Number(bytes),
    referrer,
    agent,
    seconds: Number(seconds),
  };
}

function toCombined(r: Request): string {
  return (
    `${r.client} - ${r.user} [${r.logTime}] "${r.method} ${r.target} HTTP/1.1" ${r.status} ` +
    `${r.bytes} "${r.referrer}" "${r.agent}" ${r.seconds.toFixed(3)}`
  );
}

/** As people configure it with `escape=json`. */
function toNginxJson(r: Request): string {
  return JSON.stringify({
    time: isoTime(r),
    remote_addr: r.client,
    remote_user: r.user,
    request: `${r.method} ${r.target} HTTP/1.1`,
    status: String(r.status),
    body_bytes_sent: String(r.bytes),
    request_time: r.seconds.toFixed(3),
    http_referer: r.referrer,
    http_user_agent: r.agent,
  });
}

/** With what Caddy 2 writes by default. */
function toCaddyJson(r: Request): string {
  return JSON.stringify({
    level: "info",
    ts: Number((r.time.getTime() / 1000 + r.seconds / 7).toFixed(7)),
    logger: "http.log.access.log0",
    msg: "handled request",
    request: {
      remote_ip: r.client,
      remote_port: "40218",
      client_ip: r.client,
      proto: "HTTP/2.0",
      method: r.method,
      host: "shop.example",
      uri: r.target,
      headers: {
        "User-Agent": [r.agent],
        Accept: ["text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8"],
        "Accept-Encoding": ["gzip, deflate, br"],
        Referer: [r.referrer],
      },
      tls: {
        resumed: false,
        version: 772,
        cipher_suite: 4865,
        proto: "h2",
        server_name: "shop.example",
      },
    },
    bytes_read: 0,
    user_id: r.user === "-" ? "" : r.user,
    duration: Number((r.seconds + 0.000_012_345).toFixed(9)),
    size: r.bytes,
    status: r.status,
    resp_headers: { Server: ["Caddy"], "Content-Type": ["text/html; charset=utf-8"] },
  });
}

function toTraefikJson(r: Request): string {
  return JSON.stringify({
    ClientAddr: `${r.client}:40218`,
    ClientHost: r.client,
    ClientPort: "40218",
    ClientUsername: r.user,
    DownstreamContentSize: r.bytes,
    DownstreamStatus: r.status,
    Duration: Math.round(r.seconds * 1e9),
    OriginContentSize: r.bytes,
    OriginDuration: Math.round(r.seconds * 9e8),
    OriginStatus: r.status,
    Overhead: 41_034,
    RequestAddr: "shop.example",
    RequestContentSize: 0,
    RequestCount: 12_345,
    RequestHost: "shop.example",
    RequestMethod: r.method,
    RequestPath: r.target,
    RequestPort: "-",
    RequestProtocol: "HTTP/1.1",
    RequestScheme: "https",
    RetryAttempts: 0,
    RouterName: "shop@docker",
    ServiceName: "shop@docker",
    StartLocal: `${isoTime(r).slice(0, 19)}.${digits(r, 9)}Z`,
    StartUTC: `${isoTime(r).slice(0, 19)}.${digits(r, 9)}Z`,
    entryPointName: "websecure",
    level: "info",
    msg: "",
    time: `${isoTime(r).slice(0, 19)}Z`,
    "request_User-Agent": r.agent,
    request_Referer: r.referrer,
  });
}

function toLtsv(r: Request): string {
  return [
    `time:${r.logTime}`,
    `host:${r.client}`,
    `user:${r.user}`,
    `req:${r.method} ${r.target} HTTP/1.1`,
    `status:${r.status}`,
    `size:${r.bytes}`,
    `referer:${r.referrer}`,
    `ua:${r.agent}`,
    `reqtime:${r.seconds.toFixed(3)}`,
    "vhost:shop.example",
  ].join("\t");
}

function toLogfmt(r: Request): string {
  return (
    `time=${isoTime(r)} level=info msg="handled request" client_ip=${r.client} user=${r.user} ` +
    `method=${r.method} path=${r.target} status=${r.status} bytes=${r.bytes} ` +
    `duration=${(r.seconds * 1000).toFixed(3)}ms referer="${r.referrer}" user_agent="${r.agent}"`
  );
}

const w3cHeader =
  "#Software: Microsoft Internet Information Services 10.0\n#Version: 1.0\n#Fields: date time s-ip " +
  "cs-method cs-uri-stem cs-uri-query s-port cs-username c-ip cs(User-Agent) cs(Referer) sc-status " +
  "sc-substatus sc-win32-status time-taken";

function toW3c(r: Request): string {
  const [date, time = ""] = isoTime(r).split("T");
  const [path, query = "-"] = r.target.split("?");
  return (
    `${date} ${time.slice(0, 8)} 10.0.0.4 ${r.method} ${path} ${query} 443 ${r.user} ${r.client} ` +
    `${r.agent.replaceAll(" ", "+")} ${r.referrer} ${r.status} 0 0 ${Math.round(r.seconds * 1000)}`
  );
}

function isoTime({ time }: Request): string {
  return `${time.toISOString().slice(0, 19)}+00:00`;
}

/** Of the fraction of a second, which the lines of writeLog have none of. */
function digits({ seconds, bytes }: Request, count: number): string {
  return String(Math.round(seconds * 1e9) + bytes * 7919)
    .padStart(count, "0")
    .slice(-count);
}
