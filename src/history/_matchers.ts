import type { Labels } from "../core/sample.ts";
import { QueryInvalid, type Matcher } from "./history.ts";

/** Whether a whole text is matched; made from the pattern of a `=~` matcher. */
export type TextTest = (text: string) => boolean;

/** Throws QueryInvalid, with the reason, for what is not a pattern. */
export type CompilePattern = (pattern: string) => TextTest;

export type LabelTest = (labels: Labels) => boolean;

/** Empty for a label that a series does not have. */
export function valueOf(labels: Labels, label: string): string {
  return Object.hasOwn(labels, label) ? (labels[label] ?? "") : "";
}

export function compileMatchers(
  matchers: readonly Matcher[],
  compilePattern: CompilePattern,
): LabelTest {
  const tests = matchers.map((matcher) => compileMatcher(matcher, compilePattern));
  return (labels) => tests.every((test) => test(labels));
}

function compileMatcher({ label, op, value }: Matcher, compile: CompilePattern): LabelTest {
  switch (op) {
    case "=":
      return (labels) => valueOf(labels, label) === value;
    case "!=":
      return (labels) => valueOf(labels, label) !== value;
    case "=~": {
      const test = compile(value);
      return (labels) => test(valueOf(labels, label));
    }
    case "!~": {
      const test = compile(value);
      return (labels) => !test(valueOf(labels, label));
    }
  }
}

const pieces = /^(?:[^\\.*+?()[\]{}^$]|\\[^a-zA-Z0-9]|\.[*+])*$/u;

/**
 * The patterns that need no engine of regular expressions, and take time in proportion to the text: alternatives
 * (`a|b`) of literal text with `.*` and `.+` in it. Whoever has a safe engine gives it to the history instead.
 */
export function compileSimplePattern(pattern: string): TextTest {
  if (!pieces.test(pattern)) {
    throw new QueryInvalid(
      `the pattern ${JSON.stringify(pattern)} is not known here: write alternatives such as a|b, ` +
        "with .* for any text and a backslash before a special character",
    );
  }
  const alternatives = toGlobs(pattern);
  return (text) => alternatives.some((glob) => isGlobMatch(text, glob));
}

/** Literal texts, between which anything may stand: at least so many characters each. */
interface Glob {
  readonly literals: readonly string[];
  readonly gapsMin: readonly number[];
}

function toGlobs(pattern: string): readonly Glob[] {
  const globs: Glob[] = [];
  let literals = [""];
  let gapsMin: number[] = [];
  for (const [token, escaped, sign] of pattern.matchAll(/\\(.)|\.([*+])|[^]/gu)) {
    if (sign !== undefined) {
      gapsMin.push(sign === "+" ? 1 : 0);
      literals.push("");
    } else if (token === "|") {
      globs.push({ literals, gapsMin });
      [literals, gapsMin] = [[""], []];
    } else {
      literals.push(`${literals.pop() ?? ""}${escaped ?? token}`);
    }
  }
  return [...globs, { literals, gapsMin }];
}

/** The earliest place is right for each literal but the last, which has to stand at the end. */
function isGlobMatch(text: string, { literals, gapsMin }: Glob): boolean {
  const [first = "", ...rest] = literals;
  const last = rest.pop();
  if (last === undefined) {
    return text === first;
  }
  if (!text.startsWith(first)) {
    return false;
  }
  let at = first.length;
  for (const [index, literal] of rest.entries()) {
    const from = at + (gapsMin[index] ?? 0);
    const found = text.indexOf(literal, from);
    if (found < from) {
      return false;
    }
    at = found + literal.length;
  }
  return text.endsWith(last) && text.length - last.length >= at + (gapsMin.at(-1) ?? 0);
}
