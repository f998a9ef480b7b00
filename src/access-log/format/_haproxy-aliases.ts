// What HAProxy's aliases mean: https://docs.haproxy.org/2.6/configuration.html#8.2.6

import { type NumberName, toExtraName } from "./fields.ts";
import { unitDivisors } from "./format-result.ts";
import { clfTime, epochTime, haproxyTime } from "./time-layout.ts";
import {
  type Meaning,
  type TimeMeaning,
  number,
  query,
  request,
  skipped,
  skippedNumber,
  status,
  target,
  text,
} from "./_tokens.ts";

/** `isBare`: text that `+Q` puts no quotes around. */
type Alias = (Meaning & { readonly isBare?: boolean }) | TimeMeaning;

/** What is written for a request that could not be read. */
const badRequest = { missing: ["<BADREQ>"] };

/** Milliseconds; -1 for a phase that was never reached. */
function timer(field: NumberName, rank = 0): Meaning {
  return number(field, { divisor: unitDivisors.ms, missing: ["-1"], rank });
}

/**
 * `%t` and its kin are when the connection was accepted, or when the request before it on the same
 * connection had ended; `Tt` counts from there. `%tr` is when the first byte of the request came, and
 * `Ta` counts from that (section 8.4 of the manual).
 */
const aliases: Readonly<Record<string, Alias>> = {
  B: number("bytes", { missing: ["-1"] }),
  CC: skipped,
  CS: skipped,
  H: skipped,
  HM: text("method", badRequest),
  HP: { ...target },
  HPO: { ...target },
  HQ: query,
  HU: { ...target, rank: 1 },
  HV: text("protocol", badRequest),
  ID: text("request_id"),
  OG: skipped,
  ST: status,
  T: { layout: clfTime, timeIs: "accept" },
  Ta: timer("duration", 1),
  Tc: timer("connect_duration"),
  Td: timer("data_duration"),
  Th: timer("handshake_duration"),
  Ti: timer("idle_duration"),
  Tl: { layout: clfTime, timeIs: "accept" },
  Tq: timer("receive_duration"),
  TR: timer("receive_duration", 1),
  Tr: timer("upstream_duration"),
  Ts: { layout: epochTime("s"), timeIs: "accept" },
  Tt: timer("total_duration", 1),
  Tu: timer("total_duration"),
  Tw: timer("queue_duration"),
  U: number("bytes_in"),
  ac: number("active_connections"),
  b: text("backend"),
  bc: number("backend_connections"),
  bi: { ...skipped, role: "address" },
  bp: { ...skippedNumber, role: "port" },
  bq: number("backend_queue"),
  ci: text("client", { role: "address" }),
  cp: { ...number("client_port"), role: "port" },
  f: text("frontend"),
  fc: number("frontend_connections"),
  fi: { ...skipped, role: "address" },
  fp: { ...skippedNumber, role: "port" },
  ft: text("frontend", { rank: 1 }),
  lc: skippedNumber,
  ms: { layout: [{ kind: "fraction", digits: 3 }], timeIs: "accept" },
  pid: skippedNumber,
  r: request,
  rc: number("retries"),
  rt: skippedNumber,
  s: text("server", { missing: ["<NOSRV>"] }),
  sc: number("server_connections"),
  si: { ...skipped, role: "address" },
  sp: { ...skippedNumber, role: "port" },
  sq: number("server_queue"),
  sslc: text("tls_cipher"),
  sslv: text("tls_version"),
  t: { layout: haproxyTime, timeIs: "accept" },
  tr: { layout: haproxyTime, timeIs: "start" },
  trg: { layout: clfTime, timeIs: "start" },
  trl: { layout: clfTime, timeIs: "start" },
  ts: { ...text("termination"), isBare: true },
  tsc: { ...text("termination", { rank: 1 }), isBare: true },
};

export const haproxyAliasNames: readonly string[] = [
  ...Object.keys(aliases),
  "hr",
  "hs",
  "hrl",
  "hsl",
  "o",
];

export function findHaproxyAlias(name: string): Alias | undefined {
  return Object.hasOwn(aliases, name) ? aliases[name] : undefined;
}

const expressions: Readonly<Record<string, Meaning>> = {
  src: text("client"),
  src_port: number("client_port", { missing: ["-1"] }),
  dst_port: number("port", { missing: ["-1"] }),
  method: text("method"),
  path: target,
  pathq: { ...target, rank: 1 },
  query,
  status,
  "capture.req.method": text("method", badRequest),
  "capture.req.uri": { ...target, rank: 1 },
  "capture.req.ver": text("protocol"),
  ssl_fc_sni: text("tls_server_name"),
  ssl_fc_protocol: text("tls_version"),
  ssl_fc_cipher: text("tls_cipher"),
  "unique-id": text("request_id"),
};

/** A sample expression: `%[ssl_fc_sni]`; what no field is made of is a variable by its name. */
export function meaningOfExpression(expression: string): Meaning {
  const [fetch = ""] = expression.split(",");
  return expressions[fetch.trim()] ?? text(toExtraName("variable", fetch.trim()));
}
