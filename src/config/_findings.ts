// What the steps of validation collect: problems by path, before they have a place in the text.
import type { ProblemCode } from "./problem.ts";

export type Path = readonly (string | number)[];

export interface Finding {
  readonly path: Path;
  readonly code: ProblemCode;
  readonly message: string;
  /** Points at the key instead of its value. */
  readonly atKey?: boolean;
}

const keyLengthMax = 60;

/** `sources.shop.files[0]`; keys that would make this ambiguous are quoted: `sources["a.b"]`. */
export function toPathText(path: Path): string {
  let text = "";
  for (const step of path) {
    if (typeof step === "number") {
      text += `[${step}]`;
    } else if (/^[\w-]{1,60}$/.test(step)) {
      text += text === "" ? step : `.${step}`;
    } else {
      text += `[${JSON.stringify(shorten(step))}]`;
    }
  }
  return text;
}

/** What the user wrote as a key, fit to stand in a message: one line, not too long, in backticks. */
export function quoteKey(key: string): string {
  return `\`${JSON.stringify(shorten(key)).slice(1, -1)}\``;
}

function shorten(key: string): string {
  return key.length > keyLengthMax ? `${key.slice(0, keyLengthMax)}…` : key;
}

/** "`a`, `b` or `c`"; the first few when there are many. */
export function listKeys(keys: readonly string[], last: "and" | "or"): string {
  const shown = keys.slice(0, 20).map(quoteKey);
  if (keys.length > shown.length) {
    return `${shown.join(", ")} … (${keys.length} in all)`;
  }
  const end = shown.pop() ?? "";
  return shown.length === 0 ? end : `${shown.join(", ")} ${last} ${end}`;
}
