// What became of the lines and files.

import { failureReasons } from "../../format/line-format.ts";
import type { Report } from "../report.ts";
import { type Page, wrap } from "./page.ts";
import { fit, toPrintable } from "./printable.ts";
import { toCountText, toNounText } from "./quantities.ts";
import { reasonTexts } from "./reason-texts.ts";

export function toLineBlock(
  { lines, unparsed, failures }: Report,
  { columns, paint }: Page,
): string[] {
  const { read, ...counts } = lines;
  const words: readonly (readonly [keyof typeof counts, string])[] = [
    ["parsed", "parsed"],
    ["ungrouped", "parsed without a group"],
    ["filtered", "filtered out"],
    ["skipped", "skipped by rule"],
    ["comment", "comments"],
    ["unparsed", "unparsed"],
    ["tooLong", "too long"],
  ];
  const parts = words.flatMap(([key, word]) => {
    const count = counts[key];
    return count === 0 ? [] : [`${toCountText(count)} ${word}`];
  });
  const said = `${toNounText(read, "line")} read${parts.length > 0 ? `: ${parts.join(", ")}` : ""}`;
  const reasons = failureReasons
    .filter((reason) => (unparsed[reason] ?? 0) > 0)
    .flatMap((reason) => {
      const count = toCountText(unparsed[reason] ?? 0);
      return wrap(`${count} ${reasonTexts[reason]} (${reason})`, columns - 2);
    })
    .map((line) => paint("warn", line));
  const hint =
    lines.unparsed > 0 && failures === undefined
      ? [paint("dim", "  --unparsed shows the last of them")]
      : [];
  return [paint("heading", "Lines"), ...wrap(said, columns - 2), ...reasons, ...hint];
}

/** Files with something to say about; all of them are in the JSON. */
export function toFileBlock({ files }: Report, { columns, paint }: Page): string[] {
  const rows = files.flatMap(({ file, problem }) =>
    problem === null ? [] : [`${toPrintable(file)} ${toPrintable(problem.message)}`],
  );
  return rows.length === 0
    ? []
    : [
        paint("heading", "Files with problems"),
        ...rows.flatMap((row) => wrap(row, columns - 2)).map((line) => paint("bad", line)),
      ];
}

export function toFailureBlock({ failures, files }: Report, { columns, paint }: Page): string[] {
  if (failures === undefined || failures.length === 0) {
    return [];
  }
  const width = Math.max(...failures.map(({ reason }) => reason.length));
  const lines = failures.map(({ file, reason, text }) => {
    const place = files.length > 1 ? `${toPrintable(file)}: ` : "";
    const shown = fit(`${place}${toPrintable(text)}`, columns - width - 4);
    return `  ${paint("warn", reason.padEnd(width))}  ${shown}`;
  });
  return [paint("heading", "The last lines that could not be read"), ...lines];
}
