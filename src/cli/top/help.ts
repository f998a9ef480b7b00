import { type Line, noSpans } from "../screen/line.ts";
import { words } from "./panel.ts";

const texts: readonly (readonly [string, string])[] = [
  ["1 to 9, 0, ← →", "another panel"],
  ["↑ ↓ page-up page-down g G", "another row"],
  ["enter", "look into a group; other rows: count only their lines"],
  ["esc", "back"],
  ["/", "count only lines for which a condition holds:"],
  ["", '  status >= 500 and target ~ "^/api"'],
  ["c", "count all lines again"],
  ["s S r", "sort by the next, the previous column; turn it round"],
  ["t T", "a longer, a shorter time, up to all since the start"],
  ["space", "hold the picture still; counting goes on"],
  ["ctrl-l", "draw everything anew"],
  ["q ctrl-c", "quit"],
];

export const helpLines: readonly Line[] = [
  noSpans,
  ...texts.map(([keys, meaning]): Line => [
    words(`  ${keys.padEnd(27)}`, "strong"),
    words(meaning),
  ]),
  noSpans,
  [words("  ~1,234 is an upper bound: rarer keys are forgotten to save memory.", "dim")],
  [words("  Any key closes this.", "dim")],
];
