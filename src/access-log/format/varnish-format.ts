// varnishncsa -F: https://varnish-cache.org/docs/trunk/reference/varnishncsa.html

import { assembleLayout } from "./assemble-layout.ts";
import { toExtraName, toHeaderField } from "./fields.ts";
import { type FormatOptions, type FormatResult, unitDivisors } from "./format-result.ts";
import { parseStrftime } from "./parse-strftime.ts";
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

/** What varnishncsa writes without -F. */
export const varnishDefault = '%h %l %u %t "%r" %s %b "%{Referer}i" "%{User-agent}i"';

const plain: Readonly<Record<string, Directive>> = {
  b: number("bytes", { whenMissing: 0 }),
  D: number("duration", { divisor: unitDivisors.us, rank: 3 }),
  H: text("protocol"),
  h: text("client"),
  I: number("bytes_in"),
  l: skipped,
  m: text("method"),
  O: number("bytes_sent"),
  q: query,
  r: request,
  s: status,
  t: { layout: clfTime, timeIs: "start" },
  T: number("duration", { rank: 1 }),
  U: target,
  u: text("user"),
};

const withArgument: Readonly<Record<string, (argument: string) => Directive | string>> = {
  i: (name) => text(toHeaderField(withoutIndex(name))),
  o: (name) => text(toExtraName("response_header", withoutIndex(name))),
  t: parseTime,
  T: durationOf,
  x: parseExtended,
};

/** Parses the argument of -F, with or without `-F` and the shell's single quotes. */
export function parseVarnishFormat(given: string, options: FormatOptions = {}): FormatResult {
  const [, option = "", quoted] = /^(\s*-F\s*'|\s*')(.*)'\s*$/s.exec(given) ?? [];
  const duration = options.durationUnit ?? "us";
  const { tokens, problem } = tokenizePercent(
    quoted ?? given,
    {
      plain: { ...plain, D: number("duration", { divisor: unitDivisors[duration], rank: 3 }) },
      withArgument,
      hasModifiers: false,
    },
    option.length,
  );
  return tokens === undefined ? { problem } : assembleLayout(tokens, { options });
}

/** `X-Forwarded-For:first` names one of several headers. */
function withoutIndex(name: string): string {
  return name.replace(/:(?:first|last|-?\d+)$/, "");
}

const times: Readonly<Record<string, TimeMeaning["layout"]>> = {
  sec: epochTime("s"),
  msec: epochTime("ms"),
  usec: epochTime("us"),
  msec_frac: [{ kind: "fraction", digits: 3 }],
  usec_frac: [{ kind: "fraction", digits: 6 }],
};

function parseTime(pattern: string): TimeMeaning | string {
  const known = times[pattern];
  const { layout, problem } =
    known === undefined ? parseStrftime(pattern) : { layout: known, problem: undefined };
  return layout === undefined ? problem : { layout, timeIs: "start" };
}

const durations: Readonly<Record<string, Meaning>> = {
  us: number("duration", { divisor: unitDivisors.us, rank: 3 }),
  ms: number("duration", { divisor: unitDivisors.ms, rank: 2 }),
  s: number("duration", { rank: 1 }),
};

function durationOf(unit: string): Meaning | string {
  return durations[unit] ?? isNoneOf(unit, Object.keys(durations));
}

const ownVariables: Readonly<Record<string, Meaning>> = {
  "Varnish:time_firstbyte": number("first_byte_duration"),
  "Varnish:hitmiss": text("cache"),
  "Varnish:handling": text("cache", { rank: 1 }),
  "Varnish:side": skipped,
  "Varnish:vxid": text("request_id"),
};

/** `%{…}x`; what VCL or the shared memory log says is a variable by its last word. */
function parseExtended(name: string): Meaning | string {
  const own = ownVariables[name];
  if (own !== undefined) {
    return own;
  }
  return /^(?:VCL_Log|VSL):/.test(name)
    ? text(toExtraName("variable", name.replace(/^(?:VCL_Log|VSL):/, "")))
    : isNoneOf(name, [...Object.keys(ownVariables), "VCL_Log:…", "VSL:…"]);
}
