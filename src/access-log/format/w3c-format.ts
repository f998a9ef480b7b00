// W3C extended logs: https://www.w3.org/TR/WD-logfile.html, IIS, CloudFront, and Tomcat's
// ExtendedAccessLogValve.

import { bindFields } from "./_bind-fields.ts";
import { toExtraName, toHeaderField } from "./fields.ts";
import { type FormatOptions, unitDivisors } from "./format-result.ts";
import type { HeaderFormat, LogHeader, Part, PositionalFormat } from "./line-format.ts";
import { type TimeComponents, readTime } from "./read-time.ts";
import { w3cDate, w3cTime } from "./time-layout.ts";
import {
  type Meaning,
  type Token,
  number,
  skipped,
  skippedNumber,
  status,
  target,
  text,
  toToken,
} from "./_tokens.ts";

/** The fields that IIS logs unless told otherwise. */
export const iisFields =
  "date time s-ip cs-method cs-uri-stem cs-uri-query s-port cs-username c-ip cs(User-Agent) " +
  "cs(Referer) sc-status sc-substatus sc-win32-status time-taken";

/**
 * The format of files that bring their own `#Fields`; `given` is a `#Fields:` line or the names
 * behind it, for files that do not, or nothing.
 */
export function parseW3cFormat(given: string, options: FormatOptions = {}): HeaderFormat {
  const names = given.replace(/^\s*#Fields:/i, "").trim();
  return {
    layout: "header",
    initial: { fields: names === "" ? undefined : names, date: undefined, software: undefined },
    durationUnit: options.durationUnit ?? "auto",
  };
}

/** What the header says behind a line that starts with `#`; other directives change nothing. */
export function readDirective(header: LogHeader, line: string): LogHeader {
  const [, name = "", value = ""] = /^#([A-Za-z-]+):\s*(.*?)\s*$/.exec(line) ?? [];
  switch (name.toLowerCase()) {
    case "fields":
      return { ...header, fields: value };
    case "date":
      return { ...header, date: /^\d{4}-\d\d-\d\d/.exec(value)?.[0] ?? header.date };
    case "software":
      return { ...header, software: value };
    default:
      return header;
  }
}

/**
 * How the lines behind a header are laid out; undefined before the first `#Fields`. Values have one
 * space between them, or one tab where the field names have (and at CloudFront), and may be in
 * quotes. Times are UTC. A date that no column has is the header's: see timeOf.
 */
export function fromHeader(
  { fields, date, software }: LogHeader,
  durationUnit: HeaderFormat["durationUnit"],
): PositionalFormat | undefined {
  if (fields === undefined || fields.trim() === "") {
    return undefined;
  }
  const isMicrosoft = /microsoft/i.test(software ?? "");
  const unit = durationUnit === "auto" ? (isMicrosoft ? "ms" : "s") : durationUnit;
  const names = fields.trim().split(/\s+/);
  const separator = fields.includes("\t") || fields.includes("x-edge-location") ? "\t" : " ";
  const hasDate = date !== undefined || names.some((name) => name.toLowerCase() === "date");
  const tokens = bindFields(names.map((name, index) => toColumn(name, index, unit)));
  return {
    layout: "positional",
    parts: tokens.flatMap((token, index) => [
      ...(index === 0 ? [] : [{ kind: "literal", text: separator } as const]),
      toPart(token, hasDate),
    ]),
    timeIs: "end",
    rest: "none",
    mayBeCut: false,
    mayHaveSyslogHeader: false,
  };
}

/** What the header says of the time of every line: UTC, and its date. */
export function timeOf({ date }: LogHeader): TimeComponents {
  const day = date === undefined ? undefined : readTime(date, 0, w3cDate);
  return { ...day?.components, zoneMinutes: 0 };
}

function toPart(token: Token, hasDate: boolean): Part {
  if (token.kind === "time") {
    return { kind: "time", layout: token.layout, isUsed: hasDate };
  }
  const { value, escape } =
    token.kind === "value" ? token : ({ value: skipped.value, escape: "none" } as const);
  return { kind: "value", value, escape, begins: "any", isList: false, quotes: "optional" };
}

function toColumn(name: string, index: number, unit: keyof typeof unitDivisors): Token {
  const source = { text: name, column: index + 1 };
  const lower = name.toLowerCase();
  if (lower === "date" || lower === "time") {
    const layout = lower === "date" ? w3cDate : w3cTime;
    return { kind: "time", layout, timeIs: "end", source };
  }
  const meaning = columns[lower] ?? timeTaken(lower, unit) ?? inBraces(name) ?? skipped;
  const isPlus = /\((?:user-agent|referer|cookie)\)/.test(lower);
  return toToken(meaning, source, isPlus ? "plus" : "none");
}

const columns: Readonly<Record<string, Meaning>> = {
  "c-ip": text("client"),
  "c-dns": text("client"),
  "c-port": number("client_port"),
  "cs-username": text("user"),
  "cs-method": text("method", { missing: ["null"] }),
  "cs-uri": { ...target, rank: 1 },
  "cs-uri-stem": target,
  "cs-uri-query": text("query"),
  "cs-version": text("protocol"),
  "cs-protocol-version": text("protocol"),
  "cs-protocol": text("scheme"),
  "cs-host": text("host"),
  "cs-bytes": number("bytes_in"),
  "sc-status": status,
  "sc-bytes": number("bytes"),
  bytes: number("bytes"),
  "s-ip": skipped,
  "s-port": number("port"),
  "s-computername": text("server_name"),
  "x-host-header": text("host", { rank: 1 }),
  "x-edge-result-type": text("cache"),
  "x-edge-request-id": text("request_id"),
  "x-forwarded-for": text("forwarded_for"),
  "ssl-protocol": text("tls_version"),
  "ssl-cipher": text("tls_cipher"),
  "time-to-first-byte": number("first_byte_duration"),
  "sc-substatus": skippedNumber,
  "x-h(protocol)": text("protocol"),
  "x-h(scheme)": text("scheme"),
  "x-h(remoteuser)": text("user"),
};

/** `time-taken`, and Tomcat's with a unit: `time-taken-us`. */
function timeTaken(name: string, unit: keyof typeof unitDivisors): Meaning | undefined {
  const [, own] = /^time-taken(?:-(ns|us|ms|fracsec))?$/.exec(name) ?? [undefined, undefined];
  if (!name.startsWith("time-taken")) {
    return undefined;
  }
  const { ns, us, ms, s } = unitDivisors;
  const divisors: Readonly<Record<string, number>> = { ns, us, ms, fracsec: s };
  return number("duration", { divisor: divisors[own ?? ""] ?? unitDivisors[unit] });
}

/** `cs(Header)`, `sc(Header)`. */
function inBraces(name: string): Meaning | undefined {
  const [, side, header = ""] = /^(cs|sc)\((.+)\)$/i.exec(name) ?? [];
  if (side === undefined) {
    return undefined;
  }
  return side.toLowerCase() === "cs"
    ? text(toHeaderField(header))
    : text(toExtraName("response_header", header));
}
