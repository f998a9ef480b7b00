import type { Terminal } from "../command.ts";
import type { Look } from "../screen/encode-line.ts";
import type { TopWish } from "./read-top-flags.ts";

/** Without colours where NO_COLOR says so (no-color.org), with ASCII alone where the locale is not UTF-8. */
export function toLook(
  { isAscii }: Pick<TopWish, "isAscii">,
  { env }: Pick<Terminal, "env">,
): Look {
  return { hasColors: (env["NO_COLOR"] ?? "") === "", isAscii: isAscii || !isUnicode(env) };
}

/** As POSIX finds the character set: the first of the three that is set; without any, it is assumed. */
function isUnicode(env: Terminal["env"]): boolean {
  const locale = env["LC_ALL"] || env["LC_CTYPE"] || env["LANG"] || "UTF-8";
  return /utf-?8/i.test(locale);
}
