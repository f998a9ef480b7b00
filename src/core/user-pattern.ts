// The one place where regular expressions of users are compiled. They run in V8's linear-time
// engine, so that no pattern and no request target can stop the program; RegExp's ordinary engine
// backtracks exponentially.
import v8 from "node:v8";

v8.setFlagsFromString("--enable-experimental-regexp-engine");
v8.setFlagsFromString("--enable-experimental-regexp-engine-on-excessive-backtracks");

/**
 * A compiled pattern, or why it is refused, as the end of a sentence that starts with the option's
 * name.
 */
export type UserPattern =
  | { readonly pattern: RegExp; readonly problem?: never }
  | { readonly pattern?: never; readonly problem: string };

/**
 * Case-sensitive, not anchored. The caller reports `problem` with the place in the configuration.
 */
export function parseUserPattern(text: string): UserPattern {
  try {
    // oxlint-disable-next-line no-new, no-invalid-regexp -- tells a typing error from a slow one
    new RegExp(text);
  } catch (error) {
    const hint = text.includes("(?P<") ? "; write (?<name>…) instead of (?P<name>…)" : "";
    return { problem: `is not a regular expression: ${reasonOf(error)}${hint}` };
  }
  try {
    // oxlint-disable-next-line no-invalid-regexp -- `l` is V8's flag for the linear-time engine
    return { pattern: new RegExp(text, "l") };
  } catch {
    return {
      problem:
        "cannot be matched in linear time; leave out look-around, back references, " +
        "inline flags and repeat counts above 16",
    };
  }
}

/** V8's message is "Invalid regular expression: /text/: reason". */
function reasonOf(error: unknown): string {
  return error instanceof Error
    ? (error.message.split(": ").at(-1) ?? error.message)
    : String(error);
}
