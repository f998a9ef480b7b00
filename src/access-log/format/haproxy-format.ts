// HAProxy's log formats: https://docs.haproxy.org/2.6/configuration.html#8.2

import { assembleLayout } from "./assemble-layout.ts";
import type { FormatOptions, FormatResult } from "./format-result.ts";
import { findHaproxyAlias, haproxyAliasNames, meaningOfExpression } from "./_haproxy-aliases.ts";
import { suggest } from "./suggest.ts";
import { type Source, type Token, type Tokens, toToken } from "./_tokens.ts";

const http =
  "%ci:%cp [%tr] %ft %b/%s %TR/%Tw/%Tc/%Tr/%Ta %ST %B %CC %CS %tsc " +
  "%ac/%fc/%bc/%sc/%rc %sq/%bq %hr %hs %{+Q}r";

/** The formats behind `option httplog` and its like. */
export const haproxyFormats = {
  "haproxy-http": http,
  "haproxy-https":
    `${http} %[fc_err]/%[ssl_fc_err,hex]/%[ssl_c_err]/%[ssl_c_ca_err]/%[ssl_fc_is_resumed] ` +
    "%[ssl_fc_sni]/%sslv/%sslc",
  "haproxy-tcp": "%ci:%cp [%t] %ft %b/%s %Tw/%Tc/%Tt %B %ts %ac/%fc/%bc/%sc/%rc %sq/%bq",
  "haproxy-clf":
    '%{+Q}o %{-Q}ci - - [%trg] %r %ST %B "" "" %cp %ms %ft %b %s %TR %Tw %Tc %Tr %Ta %tsc ' +
    "%ac %fc %bc %sc %rc %sq %bq %CC %CS %hrl %hsl",
} as const satisfies Readonly<Record<string, string>>;

/**
 * Parses a format, with or without `log-format` in front and quotes around it, its spaces perhaps
 * escaped with backslashes; or `option httplog`, `httplog clf`, `httpslog`, `tcplog`. Lines may have
 * a syslog header.
 */
export function parseHaproxyFormat(given: string, formatOptions: FormatOptions = {}): FormatResult {
  const option = optionOf(given);
  const { text: format, from } =
    option === undefined ? unwrapDirective(given) : { text: option, from: 0 };
  const { tokens, problem } = tokenize(format, from);
  return tokens === undefined
    ? { problem }
    : assembleLayout(tokens, { options: formatOptions, mayBeCut: true, mayHaveSyslogHeader: true });
}

const options: Readonly<Record<string, keyof typeof haproxyFormats>> = {
  httplog: "haproxy-http",
  "httplog clf": "haproxy-clf",
  httpslog: "haproxy-https",
  tcplog: "haproxy-tcp",
};

function optionOf(given: string): string | undefined {
  const name =
    options[
      given
        .trim()
        .replace(/^option\s+/, "")
        .replaceAll(/\s+/g, " ")
    ];
  return name === undefined ? undefined : haproxyFormats[name];
}

function unwrapDirective(given: string): { readonly text: string; readonly from: number } {
  const directive = /^\s*log-format\s+/.exec(given)?.[0] ?? "";
  const rest = given.slice(directive.length);
  const isQuoted = /^(?:"(?:[^"\\]|\\.)*"|'[^']*')\s*$/s.test(rest);
  return isQuoted
    ? { text: rest.trimEnd().slice(1, -1), from: directive.length + 1 }
    : { text: rest, from: directive.length };
}

/** `%`, perhaps `(name:type)`, perhaps `{+Q,-X}`, then an alias or `[expression]`. */
const pattern =
  /%(?:\([^)]*\))?(?:\{(?<flags>[^}]*)\})?(?:\[(?<expression>(?:"[^"]*"|\([^()]*\)|[^\]"()])*)\]|(?<alias>[A-Za-z]+|%))/y;

function tokenize(format: string, from: number): Tokens {
  const tokens: Token[] = [];
  let isQuoting = false;
  let at = 0;
  while (at < format.length) {
    const next = format.charAt(at);
    if (next !== "%") {
      const isEscape = next === "\\" && at + 1 < format.length;
      const isSuperfluous = next === " " && tokens.length === 0;
      tokens.push(...(isSuperfluous ? [] : [literal(isEscape ? format.charAt(at + 1) : next)]));
      at += isEscape ? 2 : 1;
      continue;
    }
    pattern.lastIndex = at;
    const found = pattern.exec(format);
    const source = { text: found?.[0] ?? format.slice(at, at + 3), column: from + at + 1 };
    const { flags = "", alias, expression } = found?.groups ?? {};
    const isQuoted: boolean = flags.includes("-Q") ? false : isQuoting || flags.includes("+Q");
    if (alias === "o") {
      isQuoting = isQuoted;
    } else {
      const made = toTokens({ alias, expression, isQuoted }, source);
      if (typeof made === "string") {
        return { problem: made };
      }
      tokens.push(...made);
    }
    at += source.text.length;
  }
  return { tokens };
}

interface Directive {
  readonly alias: string | undefined;
  readonly expression: string | undefined;
  readonly isQuoted: boolean;
}

function toTokens(directive: Directive, source: Source): readonly Token[] | string {
  const { alias, expression, isQuoted } = directive;
  if (alias === "%") {
    return [literal("%")];
  }
  if (expression !== undefined) {
    return quote([toToken(meaningOfExpression(expression), source, "hash")], isQuoted);
  }
  if (alias === "hr" || alias === "hs") {
    return [captures(alias, isQuoted, source)];
  }
  if (alias === "hrl" || alias === "hsl") {
    return [{ kind: "rest" }];
  }
  const meaning = alias === undefined ? undefined : findHaproxyAlias(alias);
  if (meaning === undefined) {
    const hint = suggest(
      `%${alias ?? ""}`,
      haproxyAliasNames.map((name) => `%${name}`),
    );
    return `unknown alias ${source.text} in column ${source.column}${hint}`;
  }
  if (!("value" in meaning)) {
    return [{ kind: "time", ...meaning, source }];
  }
  const isText = meaning.begins !== "number" && meaning.isBare !== true;
  return quote([toToken(meaning, source, "hash")], isQuoted && isText);
}

function captures(alias: "hr" | "hs", isQuoted: boolean, source: Source): Token {
  const mark = isQuoted ? '"' : "";
  const field = alias === "hr" ? "captured_request" : "captured_response";
  return {
    kind: "optional",
    open: `${mark}{`,
    close: `}${mark}`,
    value: { type: "text", field },
    escape: "hash",
    source,
  };
}

function quote(tokens: readonly Token[], isQuoted: boolean): readonly Token[] {
  return isQuoted ? [literal('"'), ...tokens, literal('"')] : tokens;
}

function literal(text: string): Token {
  return { kind: "literal", text };
}
