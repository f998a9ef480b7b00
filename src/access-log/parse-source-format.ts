// The two formats that are meant by their names alone, with or without a duration.
import type { FormatOptions, FormatResult } from "./format/format-result.ts";
import type { LineFormat } from "./format/line-format.ts";
import { parseFormat } from "./format/parse-format.ts";

const texts: Readonly<Record<string, string>> = {
  common: '%h %l %u %t "%r" %>s %b',
  combined: '%h %l %u %t "%r" %>s %b "%{Referer}i" "%{User-Agent}i"',
};

export type SourceFormat =
  | { readonly format: LineFormat; readonly fallback?: LineFormat; readonly problem?: never }
  | { readonly format?: never; readonly problem: string };

/**
 * The format of a source's option: what parseFormat takes. The names `common` and `combined` alone
 * also mean lines with a number behind the last field, a duration in `durationUnit` (seconds when
 * not given); whatever follows is ignored.
 */
export function parseSourceFormat(text: string, options: FormatOptions = {}): SourceFormat {
  const known = Object.hasOwn(texts, text) ? texts[text] : undefined;
  if (known === undefined) {
    return toSourceFormat(parseFormat(text, options));
  }
  const durationUnit = options.durationUnit ?? "s";
  const timed = parseFormat(`apache: ${known} %D`, { ...options, durationUnit, ignoreRest: true });
  const plain = parseFormat(`apache: ${known}`, { ...options, ignoreRest: true });
  const found = toSourceFormat(timed);
  return found.format === undefined || plain.format === undefined
    ? found
    : { format: found.format, fallback: plain.format };
}

function toSourceFormat({ format, problem }: FormatResult): SourceFormat {
  return format === undefined ? { problem: problem ?? "cannot be read" } : { format };
}
