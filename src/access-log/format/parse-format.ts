// From a text in the configuration to a format: by its name, by its prefix, or by its looks.

import { apacheNicknames, parseApacheFormat } from "./apache-format.ts";
import { remarksOn } from "./assemble-layout.ts";
import type { FormatOptions, FormatResult } from "./format-result.ts";
import { haproxyFormats, parseHaproxyFormat } from "./haproxy-format.ts";
import { findKeyedFormat, type KeyedName, parseMapping } from "./keyed-format.ts";
import { boundFields } from "./line-format.ts";
import { nginxCombined, parseNginxFormat } from "./nginx-format.ts";
import { parsePatternFormat } from "./pattern-format.ts";
import { suggest } from "./suggest.ts";
import { parseTomcatFormat } from "./tomcat-format.ts";
import { parseVarnishFormat, varnishDefault } from "./varnish-format.ts";
import { iisFields, parseW3cFormat } from "./w3c-format.ts";

/** Formats that need no text but their name, with what `watchpost formats` says of them. */
export const formatNames = {
  combined:
    "Apache's and nginx's default: client, user, time, request, status, bytes, referrer, agent",
  common: "The Common Log Format: combined without referrer and agent",
  vhost_combined: "Debian's Apache with virtual hosts: host:port, then combined",
  combinedio: "Apache's combined with the bytes in and out (mod_logio)",
  varnish: "varnishncsa without -F",
  tomcat: 'Tomcat\'s default pattern, "common"',
  "haproxy-http": "HAProxy's option httplog, with or without a syslog header",
  "haproxy-https": "HAProxy's option httpslog",
  "haproxy-clf": "HAProxy's option httplog clf",
  "haproxy-tcp": "HAProxy's option tcplog: sessions without a request or status",
  w3c: "W3C extended logs, as their #Fields lines say: IIS, Tomcat, CloudFront and others",
  iis: "The same from IIS: times in milliseconds; IIS's default fields until a #Fields line",
  json: "JSON lines with the keys of nginx, Caddy, Traefik or Tomcat",
  "nginx-json": "JSON lines whose keys are the names of nginx's variables",
  caddy: "Caddy's JSON access logs",
  traefik: "Traefik's JSON access logs",
  "tomcat-json": "Tomcat's JsonAccessLogValve",
  ltsv: "LTSV with the recommended labels (ltsv.org)",
  logfmt: "key=value pairs with the usual keys",
} as const satisfies Readonly<Record<string, string>>;

export type FormatName = keyof typeof formatNames;

/** What may stand in front of a text, with a colon, to say which language it is in. */
export const formatPrefixes = {
  apache: "Apache's LogFormat",
  nginx: "nginx's log_format",
  tomcat: "the pattern of Tomcat's AccessLogValve (tomcat9: for %D in milliseconds)",
  varnish: "the argument of varnishncsa -F",
  haproxy: "HAProxy's log-format",
  w3c: "the names behind #Fields:",
  json: "a mapping of fields to keys: status=resp.status, duration=took(ms)",
  ltsv: "a mapping of fields to labels",
  logfmt: "a mapping of fields to keys",
  regex: "a regular expression with named groups",
} as const satisfies Readonly<Record<string, string>>;

/**
 * Parses a format as a user writes it: a name of formatNames, `prefix: text` with a prefix of
 * formatPrefixes, or a text alone, whose language is told from its looks. A problem is a sentence
 * that names the directive and its column in the text behind the prefix.
 */
export function parseFormat(text: string, options: FormatOptions = {}): FormatResult {
  const trimmed = text.trim();
  if (trimmed === "") {
    return { problem: "the format is empty" };
  }
  if (isFormatName(trimmed)) {
    return parseNamed(trimmed, options);
  }
  const [, prefix, rest] = /^([a-z][a-z0-9]*):\s+(.*)$/s.exec(trimmed) ?? [];
  if (prefix !== undefined && rest !== undefined) {
    const parsed = parsePrefixed(prefix, rest, options);
    if (parsed !== undefined) {
      return parsed;
    }
  }
  return parseByLooks(trimmed, options);
}

export function isFormatName(text: string): text is FormatName {
  return Object.hasOwn(formatNames, text);
}

function parseNamed(name: FormatName, options: FormatOptions): FormatResult {
  switch (name) {
    case "common":
    case "vhost_combined":
    case "combinedio":
      return parseApacheFormat(apacheNicknames[name], options);
    case "combined":
      return parseNginxFormat(nginxCombined, options);
    case "varnish":
      return parseVarnishFormat(varnishDefault, options);
    case "tomcat":
      return parseTomcatFormat("common", options);
    case "haproxy-http":
    case "haproxy-https":
    case "haproxy-clf":
    case "haproxy-tcp":
      return parseHaproxyFormat(haproxyFormats[name], options);
    case "w3c":
      return { format: parseW3cFormat("", options), remarks: [] };
    case "iis":
      return {
        format: parseW3cFormat(iisFields, { durationUnit: "ms", ...options }),
        remarks: [],
      };
    case "json":
    case "nginx-json":
    case "caddy":
    case "traefik":
    case "tomcat-json":
    case "ltsv":
    case "logfmt":
      return parseKeyedName(name, options);
  }
}

function parseKeyedName(name: KeyedName, options: FormatOptions): FormatResult {
  const format = findKeyedFormat(name, options);
  return { format, remarks: remarksOn(boundFields(format)) };
}

function parsePrefixed(
  prefix: string,
  rest: string,
  options: FormatOptions,
): FormatResult | undefined {
  switch (prefix) {
    case "apache":
      return parseApacheFormat(nicknameOr(rest), options);
    case "nginx":
      return parseNginxFormat(rest === "combined" ? nginxCombined : rest, options);
    case "varnish":
      return parseVarnishFormat(rest, options);
    case "haproxy":
      return parseHaproxyFormat(rest, options);
    case "w3c":
      return { format: parseW3cFormat(rest, options), remarks: [] };
    case "regex":
      return parsePatternFormat(rest);
    case "json":
    case "ltsv":
    case "logfmt":
      return parseMapping(prefix, rest, 0);
    default: {
      const tomcat = /^tomcat(\d*)$/.exec(prefix);
      const version = tomcat?.[1] === "" ? options.tomcatVersion : Number(tomcat?.[1]);
      return tomcat === null
        ? undefined
        : parseTomcatFormat(rest, { ...options, tomcatVersion: version });
    }
  }
}

function nicknameOr(text: string): string {
  const names: Readonly<Record<string, string>> = apacheNicknames;
  return names[text] ?? text;
}

const looks: readonly (readonly [
  RegExp,
  (text: string, options: FormatOptions) => FormatResult,
])[] = [
  [/^\s*log_format\s|^\s*escape=|\$\{?[a-z_]\w*/i, parseNginxFormat],
  [/^\s*LogFormat\s|^\s*CustomLog\s/i, parseApacheFormat],
  [
    /^\s*log-format\s|^(?:option\s+)?(?:httplog|httpslog|tcplog)\b|%(?:ci|cp|ft|tr|ST|TR|Ta|HM|sq|tsc?)\b|%\{[+-]|%\[/,
    parseHaproxyFormat,
  ],
  [/^\s*-F\s|%\{(?:Varnish|VCL_Log|VSL):/, parseVarnishFormat],
  [
    /&quot;|%F|%I(?! %O)|%\{[^}]*\}[rs]|%\{(?:remote|peer)\}a|%\{[^}%]*yy[^}]*\}t/,
    parseTomcatFormat,
  ],
  [/%/, parseApacheFormat],
  [/\(\?P?</, parsePatternFormat],
  [
    /^\s*#Fields:|^(?:(?:date|time|bytes|cached|(?:c|s|r|cs|sc|sr|rs|x)-\S+|\S+\(\S+\)|time-taken\S*)\s*)+$/i,
    (text, options) => ({ format: parseW3cFormat(text, options), remarks: [] }),
  ],
];

function parseByLooks(text: string, options: FormatOptions): FormatResult {
  for (const [pattern, parse] of looks) {
    if (pattern.test(text)) {
      return parse(text, options);
    }
  }
  const known = [...Object.keys(formatNames), ...Object.keys(formatPrefixes)];
  return {
    problem:
      `"${text}" is neither a name of a format nor a format with directives` +
      suggest(text, new Set(known)),
  };
}
