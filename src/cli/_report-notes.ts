// What a report says beside its result, on standard error.

import type { ScannedFile } from "../access-log/report/scan-logs.ts";
import { toPrintable } from "../access-log/report/render/printable.ts";
import { toNounText, toShareText } from "../access-log/report/render/quantities.ts";

/** What was detected, and how sure that is; files of one format together. */
export function toDetectionNotes(files: readonly ScannedFile[]): readonly string[] {
  const detected = files.filter((file) => file.detected !== undefined);
  return [...Map.groupBy(detected, ({ format }) => format)].flatMap(([format, ones]) => {
    const [first] = ones;
    const share = Math.min(...ones.map((file) => file.detected?.share ?? 0));
    const name =
      first === undefined || ones.length > 1 ? toNounText(ones.length, "file") : toName(first);
    const remarks = [...new Set(ones.flatMap((file) => file.detected?.remarks ?? []))];
    return [
      `${name}: format ${format} (${toSureText(share)})`,
      ...remarks.map((one) => `  ${one}`),
    ];
  });
}

/** `fits all of the first lines`; `fits 97.5% of the first lines`. */
export function toSureText(share: number): string {
  return `fits ${share === 1 ? "all" : toShareText(share, 1)} of the first lines`;
}

export function toProblemNotes(files: readonly ScannedFile[]): readonly string[] {
  return files.flatMap((file) =>
    file.problem === undefined ? [] : [`${toName(file)} ${toPrintable(file.problem.message)}`],
  );
}

function toName({ path }: ScannedFile): string {
  return path === "-" ? "standard input" : toPrintable(path);
}
