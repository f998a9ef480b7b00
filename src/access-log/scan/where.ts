// Conditions on the fields of a line, as users write them: `status >= 500 and not agent ~ "bot"`.

import { parseUserPattern } from "../../core/user-pattern.ts";
import {
  type FieldName,
  fields,
  isModelName,
  isNumberName,
  type NumberName,
  type TextName,
} from "../format/fields.ts";

/** Plain data. A comparison with a field that the line lacks does not hold; `!=` and `!~` do. */
export type Condition =
  | { readonly kind: "and" | "or"; readonly all: readonly Condition[] }
  | { readonly kind: "not"; readonly inner: Condition }
  | NumberCondition
  | TextCondition
  | { readonly kind: "present"; readonly field: FieldName };

export interface NumberCondition {
  readonly kind: "number";
  /** Durations in seconds, sizes in bytes. */
  readonly field: NumberName;
  readonly operator: "=" | "!=" | "<" | "<=" | ">" | ">=";
  readonly value: number;
}

export interface TextCondition {
  readonly kind: "text";
  readonly field: TextName;
  /** `~` searches for a pattern of core/user-pattern.ts, in either case of letters. */
  readonly operator: "=" | "!=" | "~" | "!~";
  readonly value: string;
}

/** `column` counts from 1. */
export type ParsedWhere =
  | { readonly condition: Condition; readonly problem?: never }
  | { readonly condition?: never; readonly problem: string; readonly column: number };

const charsMax = 2000;
const depthMax = 50;

/**
 * Parses a condition: `field operator value`, `field` alone (the line has it), `not`, `and`, `or`
 * and parentheses; `and` binds closer than `or`. Values are numbers, perhaps with a unit (`800ms`,
 * `2MB`), words, or texts in `"` or `'`. Numbers are compared by `= != < <= > >=`, texts by
 * `= != ~ !~`.
 */
export function parseWhere(text: string): ParsedWhere {
  if (text.length > charsMax) {
    return { problem: `is longer than ${charsMax} characters`, column: charsMax + 1 };
  }
  try {
    const parser = new WhereParser(text);
    return { condition: parser.parse() };
  } catch (error) {
    if (error instanceof WhereError) {
      return { problem: error.message, column: error.column };
    }
    throw error;
  }
}

/** Every field that a condition reads. */
export function fieldsOfCondition(condition: Condition | undefined): readonly FieldName[] {
  switch (condition?.kind) {
    case undefined:
      return [];
    case "and":
    case "or":
      return condition.all.flatMap(fieldsOfCondition);
    case "not":
      return fieldsOfCondition(condition.inner);
    case "number":
    case "text":
    case "present":
      return [condition.field];
  }
}

class WhereError extends Error {
  readonly column: number;

  constructor(message: string, column: number) {
    super(message);
    this.column = column;
  }
}

interface Token {
  readonly kind: "word" | "text" | "operator" | "open" | "close" | "end";
  readonly text: string;
  readonly column: number;
}

const tokenPattern =
  /\s*(?:(?<text>"(?:[^"\\]|\\.)*"|'(?:[^'\\]|\\.)*')|(?<operator><=|>=|!=|!~|==|=|<|>|~)|(?<open>\()|(?<close>\))|(?<word>[^\s()"'=<>!~]+))/y;

class WhereParser {
  readonly #tokens: readonly Token[];
  #at = 0;
  #depth = 0;

  constructor(text: string) {
    this.#tokens = toTokens(text);
  }

  parse(): Condition {
    const condition = this.#parseOr();
    const { kind, column } = this.#next();
    if (kind !== "end") {
      throw new WhereError("expected `and`, `or` or the end", column);
    }
    return condition;
  }

  #parseOr(): Condition {
    const all = [this.#parseAnd()];
    while (this.#take("or")) {
      all.push(this.#parseAnd());
    }
    return joined("or", all);
  }

  #parseAnd(): Condition {
    const all = [this.#parseNot()];
    while (this.#take("and")) {
      all.push(this.#parseNot());
    }
    return joined("and", all);
  }

  #parseNot(): Condition {
    const { column } = this.#peek();
    this.#depth++;
    if (this.#depth > depthMax) {
      throw new WhereError(`is nested deeper than ${depthMax}`, column);
    }
    const condition: Condition = this.#take("not")
      ? { kind: "not", inner: this.#parseNot() }
      : this.#parseOne();
    this.#depth--;
    return condition;
  }

  #parseOne(): Condition {
    const token = this.#next();
    if (token.kind === "open") {
      const inner = this.#parseOr();
      const close = this.#next();
      if (close.kind !== "close") {
        throw new WhereError("expected `)`", close.column);
      }
      return inner;
    }
    if (token.kind !== "word") {
      throw new WhereError("expected the name of a field", token.column);
    }
    const field = toField(token);
    return this.#peek().kind === "operator"
      ? this.#parseComparison(field)
      : { kind: "present", field };
  }

  #parseComparison(field: Exclude<FieldName, "time">): Condition {
    const operator = this.#next();
    const value = this.#next();
    if (value.kind !== "word" && value.kind !== "text") {
      throw new WhereError("expected a value", value.column);
    }
    return isNumberName(field)
      ? toNumberCondition(field, operator, value)
      : toTextCondition(field, operator, value);
  }

  #peek(): Token {
    return this.#tokens[this.#at] ?? { kind: "end", text: "", column: 1 };
  }

  #next(): Token {
    const token = this.#peek();
    this.#at += token.kind === "end" ? 0 : 1;
    return token;
  }

  #take(word: string): boolean {
    const { kind, text } = this.#peek();
    const isThere = kind === "word" && text.toLowerCase() === word;
    this.#at += isThere ? 1 : 0;
    return isThere;
  }
}

function joined(kind: "and" | "or", all: readonly Condition[]): Condition {
  const [first] = all;
  return all.length === 1 && first !== undefined ? first : { kind, all };
}

function toTokens(text: string): Token[] {
  const tokens: Token[] = [];
  let at = 0;
  while (text.slice(at).trim() !== "") {
    tokenPattern.lastIndex = at;
    const match = tokenPattern.exec(text);
    const blanks = /\s*/.exec(text.slice(at))?.[0].length ?? 0;
    if (match === null) {
      const isQuote = /["']/.test(text[at + blanks] ?? "");
      const problem = isQuote ? "a quote is not closed" : "cannot be read from here on";
      throw new WhereError(problem, at + blanks + 1);
    }
    const [kind, found = ""] =
      Object.entries(match.groups ?? {}).find(([, value]) => value !== undefined) ?? [];
    tokens.push({ kind: toKind(kind), text: found, column: at + blanks + 1 });
    at = tokenPattern.lastIndex;
  }
  return [...tokens, { kind: "end", text: "", column: text.length + 1 }];
}

function toKind(name: string | undefined): Token["kind"] {
  return name === "text" || name === "operator" || name === "open" || name === "close"
    ? name
    : "word";
}

const extraName = /^(?:header|response_header|cookie|variable)\.[a-z0-9_]+$/;

function toField({ text, column }: Token): Exclude<FieldName, "time"> {
  if (isFieldName(text) && text !== "time") {
    return text;
  }
  const names = Object.keys(fields).filter((name) => name !== "time");
  throw new WhereError(`there is no field ${text}; there are ${names.join(", ")}`, column);
}

function isFieldName(text: string): text is FieldName {
  return isModelName(text) || extraName.test(text);
}

/** Factors to seconds and bytes. */
const units: ReadonlyMap<string, number> = new Map([
  ["", 1],
  ["us", 1e-6],
  ["ms", 1e-3],
  ["s", 1],
  ["m", 60],
  ["h", 3600],
  ["B", 1],
  ["kB", 1e3],
  ["KB", 1e3],
  ["MB", 1e6],
  ["GB", 1e9],
  ["KiB", 2 ** 10],
  ["MiB", 2 ** 20],
  ["GiB", 2 ** 30],
]);

const numberOperators = ["=", "!=", "<", "<=", ">", ">="] as const;

function toNumberCondition(field: NumberName, operator: Token, value: Token): NumberCondition {
  const sign = numberOperators.find((each) => each === operator.text.replace("==", "="));
  if (sign === undefined) {
    throw new WhereError(`${field} is a number; compare it by = != < <= > >=`, operator.column);
  }
  const [, digits, unit = ""] = /^(-?\d+(?:\.\d+)?)([A-Za-z]*)$/.exec(unquote(value)) ?? [];
  const factor = units.get(unit);
  if (digits === undefined || factor === undefined) {
    throw new WhereError(`${field} is a number; write one, such as 500 or 800ms`, value.column);
  }
  return {
    kind: "number",
    field,
    operator: sign,
    value: Number(digits) * factor,
  };
}

function toTextCondition(field: TextName, operator: Token, value: Token): TextCondition {
  const sign = operator.text === "==" ? "=" : operator.text;
  if (sign !== "=" && sign !== "!=" && sign !== "~" && sign !== "!~") {
    throw new WhereError(`${field} is a text; compare it by = != ~ !~`, operator.column);
  }
  const text = unquote(value);
  if (sign === "~" || sign === "!~") {
    const { problem } = parseUserPattern(ignoreCase(text));
    if (problem !== undefined) {
      throw new WhereError(`the pattern ${problem}`, value.column);
    }
  }
  return { kind: "text", field, operator: sign, value: text };
}

/** In quotes, a backslash stands before a quote or a backslash; others stay, for patterns. */
function unquote({ kind, text }: Token): string {
  return kind === "text" ? text.slice(1, -1).replaceAll(/\\(["'])/g, "$1") : text;
}

/**
 * The pattern in which letters stand for both of their cases, since the linear-time engine knows no
 * flag for it. Letters of escapes and of the names of groups stay as they are.
 */
export function ignoreCase(pattern: string): string {
  const pieces =
    /\\(?:x[0-9A-Fa-f]{2}|u[0-9A-Fa-f]{4}|c[A-Za-z]|k<[^>]*>|.)|\(\?P?<[A-Za-z_]\w*>|\[(?:\\.|[^\]\\])*\]|[A-Za-z]/gsu;
  return pattern.replaceAll(pieces, (piece) => {
    if (/^[A-Za-z]$/.test(piece)) {
      return `[${piece.toLowerCase()}${piece.toUpperCase()}]`;
    }
    return piece.startsWith("[") ? ignoreCaseInClass(piece) : piece;
  });
}

/** Ranges within letters and single letters get their other case beside them. */
function ignoreCaseInClass(text: string): string {
  const both = text.slice(1, -1).replaceAll(/\\.|([A-Za-z])-([A-Za-z])|[A-Za-z]/gs, (piece) => {
    if (piece.startsWith("\\")) {
      return piece;
    }
    const isRange = piece.length === 3;
    const isSameCase = /^(?:[a-z]-[a-z]|[A-Z]-[A-Z])$/.test(piece);
    return isRange && !isSameCase ? piece : `${piece.toLowerCase()}${piece.toUpperCase()}`;
  });
  return `[${both}]`;
}
