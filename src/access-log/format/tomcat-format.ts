// Tomcat's AccessLogValve patterns: https://tomcat.apache.org/tomcat-10.1-doc/config/valve.html

import { apacheNicknames } from "./apache-format.ts";
import { assembleLayout } from "./assemble-layout.ts";
import { toExtraName, toHeaderField } from "./fields.ts";
import { type FormatOptions, type FormatResult, unitDivisors } from "./format-result.ts";
import type { TimeIs } from "./line-format.ts";
import { parseDatePattern } from "./parse-date-pattern.ts";
import { type Directive, isNoneOf, tokenizePercent } from "./_percent-directives.ts";
import { clfTime, epochTime } from "./time-layout.ts";
import {
  type Meaning,
  type TimeMeaning,
  number,
  query,
  request,
  skipped,
  status,
  target,
  text,
} from "./_tokens.ts";

/** A value that Java never had. */
const javaNull = ["null"];
const plain: Readonly<Record<string, Directive>> = {
  a: text("client", { role: "address", rank: 1 }),
  A: { ...skipped, role: "address" },
  b: number("bytes", { whenMissing: 0 }),
  B: number("bytes"),
  F: number("first_byte_duration", { divisor: unitDivisors.ms }),
  h: text("client", { role: "address" }),
  H: text("protocol", { missing: javaNull }),
  I: skipped,
  l: skipped,
  m: text("method", { missing: javaNull }),
  p: { ...number("port"), role: "port" },
  q: query,
  r: request,
  s: status,
  S: skipped,
  t: { layout: clfTime, timeIs: "end" },
  T: number("duration", { rank: 1 }),
  u: text("user"),
  U: target,
  v: text("host", { role: "host" }),
  X: text("connection_state"),
};

const withArgument: Readonly<Record<string, (argument: string) => Directive | string>> = {
  a: addressOf,
  c: (name) => text(toExtraName("cookie", name)),
  i: (name) => text(toHeaderField(name)),
  L: (kind) => (kind === "c" ? skipped : isNoneOf(kind, ["c"])),
  o: (name) => text(toExtraName("response_header", name)),
  p: portOf,
  r: (name) => text(toExtraName("variable", name)),
  s: (name) => text(toExtraName("variable", name)),
  t: parseTime,
  T: durationOf,
};

/**
 * Parses a pattern, as the attribute of the valve has it (`&quot;` for quotes too). `%D` is in
 * microseconds from Tomcat 10, in milliseconds before: options.tomcatVersion, 10 when not given,
 * or options.durationUnit.
 */
export function parseTomcatFormat(given: string, options: FormatOptions = {}): FormatResult {
  const nickname = given.trim();
  const pattern =
    nickname === "common" || nickname === "combined"
      ? apacheNicknames[nickname].replace("%>s", "%s")
      : given.replaceAll("&quot;", '"').replaceAll("&lt;", "<").replaceAll("&amp;", "&");
  const { durationUnit, tomcatVersion = 10 } = options;
  const unit = durationUnit ?? (tomcatVersion >= 10 ? "us" : "ms");
  const { tokens, problem } = tokenizePercent(pattern, {
    plain: { ...plain, D: number("duration", { divisor: unitDivisors[unit], rank: 3 }) },
    withArgument,
    hasModifiers: false,
  });
  return tokens === undefined
    ? { problem }
    : assembleLayout(tokens, { options, writesDashForNoQuery: true });
}

function addressOf(kind: string): Meaning | string {
  switch (kind) {
    case "remote":
      return text("client", { role: "address", rank: 1 });
    case "peer":
      return text("peer", { role: "address" });
    default:
      return isNoneOf(kind, ["remote", "peer"]);
  }
}

function portOf(kind: string): Meaning | string {
  switch (kind) {
    case "local":
      return { ...number("port"), role: "port" };
    case "remote":
      return { ...number("client_port"), role: "port" };
    default:
      return isNoneOf(kind, ["local", "remote"]);
  }
}

const durations: Readonly<Record<string, Meaning>> = {
  ns: number("duration", { divisor: unitDivisors.ns, rank: 4 }),
  us: number("duration", { divisor: unitDivisors.us, rank: 3 }),
  ms: number("duration", { divisor: unitDivisors.ms, rank: 2 }),
  fracsec: number("duration", { rank: 2 }),
  s: number("duration", { rank: 1 }),
};

function durationOf(unit: string): Meaning | string {
  return durations[unit] ?? isNoneOf(unit, Object.keys(durations));
}

const times: Readonly<Record<string, TimeMeaning["layout"]>> = {
  "": clfTime,
  sec: epochTime("s"),
  msec: epochTime("ms"),
  msec_frac: [{ kind: "fraction", digits: 3 }],
};

/** Unlike Apache's, it is the end of the request unless it says `begin`. */
function parseTime(argument: string): TimeMeaning | string {
  const [, prefix, rest = ""] = /^(?:(begin|end)(?:$|:))?(.*)$/s.exec(argument) ?? [];
  const timeIs: TimeIs = prefix === "begin" ? "start" : "end";
  const known = times[rest];
  if (known !== undefined) {
    return { layout: known, timeIs };
  }
  const { layout, problem } = parseDatePattern(rest);
  return layout === undefined ? problem : { layout, timeIs };
}
