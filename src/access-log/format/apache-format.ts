// Apache httpd's LogFormat: https://httpd.apache.org/docs/current/mod/mod_log_config.html,
// with mod_logio's and mod_ssl's additions.

import { assembleLayout } from "./assemble-layout.ts";
import { toExtraName, toHeaderField } from "./fields.ts";
import { type FormatOptions, type FormatResult, unitDivisors } from "./format-result.ts";
import { parseStrftime } from "./parse-strftime.ts";
import {
  type Directive,
  type PercentLanguage,
  isNoneOf,
  tokenizePercent,
} from "./_percent-directives.ts";
import { clfTime, epochTime } from "./time-layout.ts";
import type { TimeIs } from "./line-format.ts";
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

/** The formats that Debian's and Apache's own configuration define. */
export const apacheNicknames = {
  common: '%h %l %u %t "%r" %>s %b',
  combined: '%h %l %u %t "%r" %>s %b "%{Referer}i" "%{User-agent}i"',
  vhost_combined: '%v:%p %h %l %u %t "%r" %>s %O "%{Referer}i" "%{User-Agent}i"',
  combinedio: '%h %l %u %t "%r" %>s %b "%{Referer}i" "%{User-agent}i" %I %O',
} as const satisfies Readonly<Record<string, string>>;

const clf: TimeMeaning = { layout: clfTime, timeIs: "start" };

/** Directives without an argument, by letter. */
const plain: Readonly<Record<string, Directive>> = {
  a: text("client", { role: "address", rank: 1 }),
  A: { ...skipped, role: "address" },
  B: number("bytes"),
  b: number("bytes", { whenMissing: 0 }),
  D: number("duration", { divisor: unitDivisors.us, rank: 3 }),
  f: skipped,
  h: text("client", { role: "address" }),
  H: text("protocol"),
  k: number("requests_on_connection"),
  l: skipped,
  L: skipped,
  m: text("method"),
  p: { ...number("port"), role: "port" },
  P: skippedNumber,
  q: query,
  r: request,
  R: skipped,
  s: status,
  t: clf,
  T: number("duration", { rank: 1 }),
  u: text("user", { missing: ['""'] }),
  U: target,
  v: text("server_name", { role: "host" }),
  V: text("host", { role: "host" }),
  X: text("connection_state"),
  I: number("bytes_in"),
  O: number("bytes_sent"),
  S: skippedNumber,
  "^FB": number("first_byte_duration", { divisor: unitDivisors.us }),
  "^FU": skippedNumber,
};

const times: Readonly<Record<string, TimeMeaning["layout"]>> = {
  sec: epochTime("s"),
  msec: epochTime("ms"),
  usec: epochTime("us"),
  msec_frac: [{ kind: "fraction", digits: 3 }],
  usec_frac: [{ kind: "fraction", digits: 6 }],
};

const durations: Readonly<Record<string, Meaning>> = {
  us: number("duration", { divisor: unitDivisors.us, rank: 3 }),
  ms: number("duration", { divisor: unitDivisors.ms, rank: 2 }),
  s: number("duration", { rank: 1 }),
};

const tlsVariables: Readonly<Record<string, Meaning>> = {
  SSL_PROTOCOL: text("tls_version"),
  SSL_CIPHER: text("tls_cipher"),
  SSL_TLS_SNI: text("tls_server_name"),
};

/** Directives with an argument in braces, by letter; undefined for an argument that they lack. */
const withArgument: Readonly<Record<string, (argument: string) => Directive | string>> = {
  a: (kind) => (kind === "c" ? text("peer", { role: "address" }) : isNoneOf(kind, ["c"])),
  h: (kind) => (kind === "c" ? text("peer", { role: "address" }) : isNoneOf(kind, ["c"])),
  L: (kind) => (kind === "c" ? skipped : isNoneOf(kind, ["c"])),
  C: (name) => text(toExtraName("cookie", name)),
  e: (name) => (name === "UNIQUE_ID" ? text("request_id") : text(toExtraName("variable", name))),
  i: (name) => text(toHeaderField(name)),
  n: (name) => text(toExtraName("variable", name)),
  o: (name) => text(toExtraName("response_header", name)),
  p: (kind) => portOf(kind),
  P: (kind) =>
    ["pid", "tid", "hextid"].includes(kind) ? skipped : isNoneOf(kind, ["pid", "tid", "hextid"]),
  t: parseTime,
  T: (unit) => durations[unit] ?? isNoneOf(unit, Object.keys(durations)),
  x: (name) => tlsVariables[name] ?? text(toExtraName("variable", name)),
  c: (name) => tlsVariables[name] ?? text(toExtraName("variable", name)),
  "^ti": (name) => text(toExtraName("header", name)),
  "^to": (name) => text(toExtraName("response_header", name)),
};

function portOf(kind: string): Meaning | string {
  switch (kind) {
    case "canonical":
    case "local":
      return { ...number("port"), role: "port" };
    case "remote":
      return { ...number("client_port"), role: "port" };
    default:
      return isNoneOf(kind, ["canonical", "local", "remote"]);
  }
}

function parseTime(pattern: string): TimeMeaning | string {
  const [, prefix, rest = pattern] = /^(begin|end)(?::(.*))?$/s.exec(pattern) ?? [];
  const timeIs: TimeIs = prefix === "end" ? "end" : "start";
  if (prefix !== undefined && (rest === pattern || rest === "")) {
    return { layout: clfTime, timeIs };
  }
  const known = times[rest];
  const { layout, problem } =
    known === undefined ? parseStrftime(rest) : { layout: known, problem: undefined };
  return layout === undefined ? problem : { layout, timeIs };
}

const apache: PercentLanguage = { plain, withArgument, hasModifiers: true };

/**
 * Parses a format, or a whole line `LogFormat "…" name` (or `CustomLog path "…"`), with its quotes
 * plain or escaped with backslashes.
 */
export function parseApacheFormat(given: string, options: FormatOptions = {}): FormatResult {
  const { text: format, from } = unwrapDirective(given);
  const language = { ...apache, plain: { ...plain, ...durationsOf(options) } };
  const { tokens, problem } = tokenizePercent(format, language, from);
  return tokens === undefined ? { problem } : assembleLayout(tokens, { options });
}

/** The quoted format of a whole configuration line, and how many characters stand in front. */
function unwrapDirective(given: string): { readonly text: string; readonly from: number } {
  const wrapped =
    /^(\s*(?:LogFormat|CustomLog\s+(?:"[^"]*"|\S+)|TransferLog)\s+")((?:[^"\\]|\\.)*)"\s*\S*\s*(?:env=\S+|expr=.*)?$/is.exec(
      given,
    );
  return { text: wrapped?.[2] ?? given, from: wrapped?.[1]?.length ?? 0 };
}

function durationsOf({ durationUnit }: FormatOptions): Readonly<Record<string, Directive>> {
  return durationUnit === undefined
    ? {}
    : { D: number("duration", { divisor: unitDivisors[durationUnit], rank: 3 }) };
}
