import { parseUserPattern } from "../../core/user-pattern.ts";
import { isQuickSearch } from "./_one-pass-pattern.ts";

/** An unescaped `(?P<`, as Python writes the beginning of a named group. */
const pythonGroup = /(?<=(?:^|[^\\])(?:\\\\)*)\(\?P</g;

/** `(?P<x>…)` → `(?<x>…)`; everything else stays. */
export function fromPythonPattern(text: string): string {
  return text.replaceAll(pythonGroup, "(?<");
}

/** Of a text that was checked when the configuration was read. Throws RangeError otherwise. */
export function compilePattern(text: string): RegExp {
  const { pattern, problem } = parseUserPattern(fromPythonPattern(text));
  if (pattern === undefined) {
    throw new RangeError(`the pattern ${text} ${problem}`);
  }
  return isQuickSearch(pattern.source) ? new RegExp(pattern.source) : pattern;
}
