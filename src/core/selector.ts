// How series are picked in queries: `http_requests_total{source="shop",group=~"cart|orders",status!="200"}`. The notation
// is that of Prometheus (prometheus.io/docs/prometheus/latest/querying/basics), without ranges and functions.
import { parseUserPattern } from "./user-pattern.ts";

export type MatchOperator = "=" | "!=" | "=~" | "!~";

/** A condition on one label. A label that a series does not have counts as empty. */
export interface Matcher {
  readonly label: string;
  readonly op: MatchOperator;
  readonly value: string;
  /** Regular expressions match the whole value. */
  readonly isMatch: (value: string) => boolean;
}

export interface Selector {
  readonly metric: string;
  /** All of them have to match. `source` and `service` are labels here. */
  readonly matchers: readonly Matcher[];
}

/** Either the selector, or why there is none, as a sentence's end: "expected } at column 12". */
export type ParsedSelector =
  | { readonly selector: Selector; readonly problem?: never }
  | { readonly selector?: never; readonly problem: string };

const metricPattern = /\s*([^\s{}"=~!,]+)\s*/y;
const labelPattern = /\s*([a-zA-Z_][a-zA-Z0-9_]*)\s*(=~|!~|!=|=)\s*/y;
const valuePattern = /"((?:[^"\\]|\\.)*)"\s*/y;

const matchersMax = 20;

export function parseSelector(text: string): ParsedSelector {
  const name = matchAt(metricPattern, text, 0);
  if (name === undefined) {
    return { problem: "begins with no metric name" };
  }
  const metric = name[1] ?? "";
  let at = name[0].length;
  if (at === text.length) {
    return { selector: { metric, matchers: [] } };
  }
  if (text[at] !== "{") {
    return { problem: `has ${JSON.stringify(text[at])} where { was expected, in column ${at + 1}` };
  }
  at++;
  const matchers: Matcher[] = [];
  while (!isEnd(text, at)) {
    const parsed = parseMatcher(text, at);
    if (parsed.problem !== undefined) {
      return { problem: parsed.problem };
    }
    matchers.push(parsed.matcher);
    at = parsed.end;
    if (matchers.length > matchersMax) {
      return { problem: `has more than ${matchersMax} conditions` };
    }
  }
  return /^\s*\}\s*$/.test(text.slice(at))
    ? { selector: { metric, matchers } }
    : { problem: `does not end with }, in column ${at + 1}` };
}

function isEnd(text: string, at: number): boolean {
  return at >= text.length || /^\s*\}/.test(text.slice(at));
}

type ParsedMatcher =
  | { readonly matcher: Matcher; readonly end: number; readonly problem?: never }
  | { readonly problem: string };

function parseMatcher(text: string, start: number): ParsedMatcher {
  const head = matchAt(labelPattern, text, start);
  if (head === undefined) {
    return { problem: `has no label and operator (=, !=, =~ or !~) in column ${start + 1}` };
  }
  const valueAt = start + head[0].length;
  const quoted = matchAt(valuePattern, text, valueAt);
  if (quoted === undefined) {
    return { problem: `has no text in double quotes in column ${valueAt + 1}` };
  }
  const [, label = "", operator = ""] = head;
  const end = valueAt + quoted[0].length;
  const next = text[end] === "," ? end + 1 : end;
  if (next === end && !isEnd(text, end)) {
    return { problem: `has no comma or } in column ${end + 1}` };
  }
  const value = (quoted[1] ?? "").replaceAll(/\\(.)/g, (_, char) => (char === "n" ? "\n" : char));
  const made = createMatcher(label, toOperator(operator), value);
  return "problem" in made ? made : { matcher: made, end: next };
}

function toOperator(text: string): MatchOperator {
  return text === "=" || text === "!=" || text === "=~" ? text : "!~";
}

/** A matcher, or why its regular expression is refused. */
export function createMatcher(
  label: string,
  op: MatchOperator,
  value: string,
): Matcher | { readonly problem: string } {
  if (op === "=" || op === "!=") {
    const isWanted = op === "=";
    return { label, op, value, isMatch: (given) => (given === value) === isWanted };
  }
  const { pattern, problem } = parseUserPattern(`^(?:${value})$`);
  if (problem !== undefined) {
    return { problem: `has a pattern for ${label} that ${problem}` };
  }
  const isWanted = op === "=~";
  return { label, op, value, isMatch: (given) => pattern.test(given) === isWanted };
}

function matchAt(pattern: RegExp, text: string, at: number): RegExpExecArray | undefined {
  pattern.lastIndex = at;
  return pattern.exec(text) ?? undefined;
}
