// The names of log files as users write them: plain paths, globs, names with a date.
//
//   *  any characters but /     ?  one of them     [a-z] [!a-z]  one of a set     {a,b}  either
//   **  as a whole part of the path: any folders, also none
//   %Y %y %m %d %H %M %j  parts of a date, in digits     %%  a percent sign
//   name?ts=-3600&ts-name-only=true  elfstatsd's: the date of the name is so many seconds off
//
// As for a shell, a leading dot has to be written; a backslash in front of a character takes it as
// it is.
import type { DatePart } from "./name-date.ts";

/** One of the alternatives that braces give. */
export interface PathPattern {
  readonly segments: readonly Segment[];
  readonly isAbsolute: boolean;
  readonly isDated: boolean;
  /** How far the date in the name is ahead of the clock's. */
  readonly dateShiftMs: number;
}

export type Segment =
  | { readonly kind: "literal"; readonly text: string }
  | { readonly kind: "folders" }
  | { readonly kind: "pattern"; readonly tokens: readonly Token[] };

/** All but a star take exactly one character. */
export type Token =
  | { readonly kind: "char"; readonly char: string }
  | { readonly kind: "one" }
  | { readonly kind: "star" }
  | { readonly kind: "set"; readonly isNegated: boolean; readonly ranges: readonly Range[] }
  | { readonly kind: "digit"; readonly part: DatePart };

interface Range {
  readonly from: string;
  readonly to: string;
}

export type PatternResult =
  | { readonly patterns: readonly PathPattern[]; readonly problem?: never }
  | { readonly patterns?: never; readonly problem: string };

const alternativesMax = 1000;

/** How many digits each part of a date has. */
export const digitsOf: Readonly<Record<DatePart, number>> = {
  Y: 4,
  y: 2,
  m: 2,
  d: 2,
  H: 2,
  M: 2,
  j: 3,
};

/** The problem is the end of a sentence about the text. */
export function parsePathPattern(text: string): PatternResult {
  const { name, shiftMs } = splitParameters(text);
  const alternatives = expandBraces(name);
  if (alternatives === undefined) {
    return {
      problem: `means more than ${alternativesMax} names; write a * instead of some braces`,
    };
  }
  try {
    return { patterns: alternatives.map((each) => toPattern(each, shiftMs)) };
  } catch (error) {
    if (error instanceof SyntaxError) {
      return { problem: error.message };
    }
    throw error;
  }
}

/** True for a path that names one file and never another one. */
export function isPlain({ segments }: PathPattern): boolean {
  return segments.every(({ kind }) => kind === "literal");
}

/** The pattern of one path, whatever characters are in it. */
export function toPlainPattern(path: string): string {
  return path.replaceAll(/[*?[\]{}\\]/g, String.raw`\$&`).replaceAll("%", "%%");
}

/** elfstatsd's parameters behind a question mark; unknown ones mean nothing, as they did there. */
function splitParameters(text: string): { readonly name: string; readonly shiftMs: number } {
  const at = text.search(/(?<!\\)\?/);
  const parameters = at < 0 ? [] : text.slice(at + 1).split("&");
  if (!parameters.some((each) => /^ts(?:-name-only)?=/.test(each))) {
    return { name: text, shiftMs: 0 };
  }
  const shift = parameters.find((each) => each.startsWith("ts="))?.slice("ts=".length) ?? "";
  const seconds = /^[+-]?\d+$/.test(shift) ? Number(shift) : 0;
  return { name: text.slice(0, at), shiftMs: seconds * 1000 };
}

/** Undefined when there are too many. A brace without its end is a character. */
function expandBraces(text: string): string[] | undefined {
  const open = text.search(/(?<!\\)\{/);
  const close = open < 0 ? -1 : closingBrace(text, open);
  if (close < 0) {
    return [text];
  }
  const found: string[] = [];
  for (const choice of splitChoices(text.slice(open + 1, close))) {
    const rest = expandBraces(text.slice(0, open) + choice + text.slice(close + 1));
    found.push(...(rest ?? []));
    if (rest === undefined || found.length > alternativesMax) {
      return undefined;
    }
  }
  return found;
}

function closingBrace(text: string, open: number): number {
  let depth = 0;
  for (let at = open; at < text.length; at++) {
    depth += text[at] === "{" ? 1 : text[at] === "}" ? -1 : 0;
    if (depth === 0) {
      return at;
    }
  }
  return -1;
}

function splitChoices(text: string): string[] {
  const choices = [""];
  let depth = 0;
  for (const char of text) {
    depth += char === "{" ? 1 : char === "}" ? -1 : 0;
    if (char === "," && depth === 0) {
      choices.push("");
    } else {
      choices.push((choices.pop() ?? "") + char);
    }
  }
  return choices;
}

function toPattern(text: string, dateShiftMs: number): PathPattern {
  const isAbsolute = text.startsWith("/");
  const parts = text.split("/").filter((part) => part !== "");
  const segments = parts.map(toSegment);
  const isDated = segments.some(
    (segment) => segment.kind === "pattern" && segment.tokens.some(({ kind }) => kind === "digit"),
  );
  if (segments.at(-1)?.kind === "folders") {
    throw new SyntaxError("ends in folders; name the files in them: **/*.log");
  }
  return { segments, isAbsolute, isDated, dateShiftMs };
}

function toSegment(part: string): Segment {
  if (part === "**") {
    return { kind: "folders" };
  }
  const tokens = toTokens(part);
  return tokens.every((token) => token.kind === "char")
    ? { kind: "literal", text: tokens.map(({ char }) => char).join("") }
    : { kind: "pattern", tokens };
}

function toTokens(part: string): Token[] {
  const tokens: Token[] = [];
  for (let at = 0; at < part.length;) {
    const [length, ...found] = readToken(part, at);
    const isSecondStar = found[0]?.kind === "star" && tokens.at(-1)?.kind === "star";
    tokens.push(...(isSecondStar ? [] : found));
    at += length;
  }
  return tokens;
}

function readToken(part: string, at: number): [length: number, ...tokens: Token[]] {
  const char = part.charAt(at);
  const next = part.charAt(at + 1);
  switch (char) {
    case "*":
      return [1, { kind: "star" }];
    case "?":
      return [1, { kind: "one" }];
    case "[":
      return readSet(part, at) ?? [1, { kind: "char", char }];
    case "\\":
      return next === "" ? [1, { kind: "char", char }] : [2, { kind: "char", char: next }];
    case "%":
      return [2, ...readDirective(next)];
    default:
      return [1, { kind: "char", char }];
  }
}

function readDirective(letter: string): Token[] {
  if (letter === "%") {
    return [{ kind: "char", char: "%" }];
  }
  if (!isDatePart(letter)) {
    const known = Object.keys(digitsOf).map((each) => `%${each}`);
    throw new SyntaxError(
      `has %${letter}, which is not known in names; write one of ${known.join(" ")}, ` +
        "or %% for a percent sign",
    );
  }
  return Array.from({ length: digitsOf[letter] }, () => ({ kind: "digit", part: letter }));
}

function isDatePart(letter: string): letter is DatePart {
  return Object.hasOwn(digitsOf, letter);
}

/** Undefined when the bracket has no end. */
function readSet(part: string, at: number): [length: number, token: Token] | undefined {
  const isNegated = /^[!^]/.test(part.slice(at + 1));
  const start = at + 1 + (isNegated ? 1 : 0);
  // A bracket at the start belongs to the set.
  const end = part.indexOf("]", start + 1);
  if (end < 0) {
    return undefined;
  }
  const chars = part.slice(start, end);
  const ranges = [...chars.matchAll(/(.)-(.)|(.)/gs)].map(([, from, to, only]) => ({
    from: from ?? only ?? "",
    to: to ?? only ?? "",
  }));
  return [end + 1 - at, { kind: "set", isNegated, ranges }];
}

/** The pattern names the path. */
export function matchesPath({ segments, isAbsolute }: PathPattern, path: string): boolean {
  const names = path.split("/").filter((name) => name !== "");
  return isAbsolute === path.startsWith("/") && matchesNames(segments, names);
}

function matchesNames(segments: readonly Segment[], names: readonly string[]): boolean {
  const [segment, ...rest] = segments;
  const [name, ...others] = names;
  if (segment === undefined || name === undefined) {
    return segment === undefined && name === undefined;
  }
  switch (segment.kind) {
    case "literal":
      return segment.text === name && matchesNames(rest, others);
    case "pattern":
      return matchName(segment.tokens, name) !== undefined && matchesNames(rest, others);
    case "folders":
      return matchesNames(rest, names) || (!name.startsWith(".") && matchesNames(segments, others));
  }
}

/**
 * Where each token's character is in the name; undefined when the name is another one. Takes time
 * in proportion to both lengths, whatever the pattern.
 */
export function matchName(tokens: readonly Token[], name: string): number[] | undefined {
  if (name.startsWith(".") && tokens[0]?.kind !== "char") {
    return undefined;
  }
  const places: number[] = [];
  let token = 0;
  let at = 0;
  let star = -1;
  let starTo = 0;
  while (at < name.length) {
    const wanted = tokens[token];
    if (wanted?.kind === "star") {
      star = token;
      starTo = at;
      places[token++] = at;
    } else if (wanted !== undefined && takes(wanted, name.charAt(at))) {
      places[token++] = at++;
    } else if (star >= 0) {
      token = star + 1;
      at = ++starTo;
    } else {
      return undefined;
    }
  }
  return tokens.slice(token).every(({ kind }) => kind === "star") ? places : undefined;
}

function takes(token: Exclude<Token, { kind: "star" }>, char: string): boolean {
  switch (token.kind) {
    case "char":
      return token.char === char;
    case "one":
      return true;
    case "digit":
      // Names of families have a % in place of each.
      return (char >= "0" && char <= "9") || char === "%";
    case "set":
      return token.ranges.some(({ from, to }) => char >= from && char <= to) !== token.isNegated;
  }
}
