// nginx's log_format: https://nginx.org/en/docs/http/ngx_http_log_module.html

import { assembleLayout } from "./assemble-layout.ts";
import type { FormatOptions, FormatResult } from "./format-result.ts";
import { findNginxVariable, nginxVariableNames } from "./_nginx-variables.ts";
import { suggest } from "./suggest.ts";
import { type Token, type Tokens, toToken } from "./_tokens.ts";

/** What nginx writes when nothing else is configured. */
export const nginxCombined =
  '$remote_addr - $remote_user [$time_local] "$request" $status $body_bytes_sent ' +
  '"$http_referer" "$http_user_agent"';

/** `default` and `json` escape with backslashes, `none` nothing; empty is `-` by default alone. */
type NginxEscape = "default" | "json" | "none";

/**
 * Parses the format alone, or one or several strings in quotes one after the other as nginx.conf
 * has them, or the whole directive `log_format name escape=json '…' '…';`.
 */
export function parseNginxFormat(given: string, options: FormatOptions = {}): FormatResult {
  const unwrapped = unwrapDirective(given);
  if (unwrapped === undefined) {
    return { problem: "the strings of the log_format directive are not closed" };
  }
  const { characters, escape } = unwrapped;
  if (!isEscape(escape)) {
    return { problem: `escape=${escape} is none of default, json, none` };
  }
  const { tokens, problem } = tokenize(characters, escape);
  return tokens === undefined
    ? { problem }
    : assembleLayout(tokens, { options, writesDashForNoQuery: escape === "default" });
}

function isEscape(text: string): text is NginxEscape {
  return text === "default" || text === "json" || text === "none";
}

/** A character of the format and its column in the user's text. */
interface Character {
  readonly text: string;
  readonly column: number;
}

interface Unwrapped {
  readonly characters: readonly Character[];
  readonly escape: string;
}

function unwrapDirective(given: string): Unwrapped | undefined {
  const directive = /^\s*log_format\s+[^\s'"]+\s+/.exec(given)?.[0] ?? "";
  const option = /^\s*escape=(\S+)\s+/.exec(given.slice(directive.length));
  const from = directive.length + (option?.[0].length ?? 0);
  const escape = option?.[1] ?? "default";
  const isQuoted = /^\s*['"]/.test(given.slice(from)) && /['"]\s*;?\s*$/.test(given);
  const isStrings = isQuoted && (directive !== "" || option !== null || isWhollyQuoted(given));
  if (!isStrings) {
    const characters = toCharacters(given.slice(from), from);
    return { characters: directive === "" ? characters : withoutEnd(characters), escape };
  }
  const characters: Character[] = [];
  const strings = /\s*(?:'((?:[^'\\]|\\.)*)'|"((?:[^"\\]|\\.)*)"|(;\s*$|#[^\n]*)|($))/gsy;
  strings.lastIndex = from;
  while (strings.lastIndex < given.length) {
    const found = strings.exec(given);
    if (found === null) {
      return undefined;
    }
    const inner = found[1] ?? found[2];
    if (inner !== undefined) {
      const column = found.index + found[0].length - inner.length - 1;
      characters.push(...unescapeConfiguration(toCharacters(inner, column)));
    }
  }
  return { characters, escape };
}

/** Whether a text without a directive is strings from its first quote to its last. */
function isWhollyQuoted(given: string): boolean {
  return /^\s*(?:'(?:[^'\\]|\\.)*'\s*)+;?\s*$/s.test(given);
}

function toCharacters(text: string, from: number): readonly Character[] {
  return Array.from({ length: text.length }, (_, index) => ({
    text: text.charAt(index),
    column: from + index + 1,
  }));
}

function withoutEnd(characters: readonly Character[]): readonly Character[] {
  const end = characters.findLastIndex(({ text }) => !/[;\s]/.test(text));
  return characters.slice(0, end + 1);
}

/** nginx.conf's own escapes: `\"`, `\'`, `\\`, `\t`, `\n`, `\r`; other backslashes stay. */
function unescapeConfiguration(characters: readonly Character[]): readonly Character[] {
  const result: Character[] = [];
  for (let index = 0; index < characters.length; index++) {
    const character = characters[index];
    const next = characters[index + 1];
    const meant = { t: "\t", n: "\n", r: "\r", '"': '"', "'": "'", "\\": "\\" }[next?.text ?? ""];
    if (character?.text === "\\" && meant !== undefined) {
      result.push({ text: meant, column: character.column });
      index++;
    } else if (character !== undefined) {
      result.push(character);
    }
  }
  return result;
}

const variable = /\$(?:\{(?<braced>[A-Za-z0-9_]+)\}|(?<bare>[A-Za-z0-9_]+))/y;

function tokenize(characters: readonly Character[], escape: NginxEscape): Tokens {
  const format = characters.map(({ text }) => text).join("");
  const tokens: Token[] = [];
  let at = 0;
  while (at < format.length) {
    variable.lastIndex = at;
    const found = format[at] === "$" ? variable.exec(format) : null;
    if (found === null) {
      tokens.push({ kind: "literal", text: format.charAt(at) });
      at++;
      continue;
    }
    const name = found.groups?.["braced"] ?? found.groups?.["bare"] ?? "";
    const source = { text: found[0], column: characters[at]?.column ?? at + 1 };
    const meaning = findNginxVariable(name);
    if (meaning === undefined) {
      const hint = suggest(
        source.text,
        nginxVariableNames.map((known) => `$${known}`),
      );
      return { problem: `unknown variable ${source.text} in column ${source.column}${hint}` };
    }
    tokens.push(
      "value" in meaning
        ? toToken(withEmpty(meaning, escape), source, escape === "none" ? "none" : "backslash")
        : { kind: "time", ...meaning, source },
    );
    at += found[0].length;
  }
  return { tokens };
}

/** Where an empty value is written as nothing, a number may begin with what stands behind it. */
function withEmpty<M extends { readonly begins?: "number"; readonly isNeverEmpty?: boolean }>(
  meaning: M,
  escape: NginxEscape,
): Omit<M, "begins"> {
  if (escape === "default" || meaning.isNeverEmpty === true) {
    return meaning;
  }
  const { begins: _, ...rest } = meaning;
  return rest;
}
