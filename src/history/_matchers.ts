import type { Labels } from "../core/sample.ts";
import { createMatcher } from "../core/selector.ts";
import { QueryInvalid, type Matcher } from "./history.ts";

export type LabelTest = (labels: Labels) => boolean;

/** Empty for a label that a series does not have. */
export function valueOf(labels: Labels, label: string): string {
  return Object.hasOwn(labels, label) ? (labels[label] ?? "") : "";
}

/** Throws QueryInvalid, with the reason, for a pattern that is none or could take too long. */
export function compileMatchers(matchers: readonly Matcher[]): LabelTest {
  const tests = matchers.map(({ label, op, value }) => {
    const made = createMatcher(label, op, value);
    if ("problem" in made) {
      throw new QueryInvalid(`the selection ${made.problem}`);
    }
    return made;
  });
  return (labels) => tests.every(({ label, isMatch }) => isMatch(valueOf(labels, label)));
}
