// What the flags of `watchpost top` ask for; most are those of `watchpost report`.
import type { FormatOptions } from "../../access-log/format/format-result.ts";
import type { ScanSpec } from "../../access-log/scan/log-scanner.ts";
import { UserError } from "../../core/errors.ts";
import { parseDuration } from "../../core/units.ts";
import {
  bothOf,
  readFormat,
  readGroups,
  readQuantiles,
  readSlow,
  readTimeZone,
  readWhere,
} from "../_report-flags.ts";
import type { ReportSource } from "../_report-source.ts";
import { type Given, listFlag, textFlag } from "../command.ts";

export interface TopWish {
  readonly paths: readonly string[];
  /** As parseSourceFormat takes it; undefined: to be told from the lines. */
  readonly format: string | undefined;
  readonly formatOptions: FormatOptions;
  readonly spec: Omit<ScanSpec, "format" | "fallback">;
  readonly everyMs: number;
  readonly from: "start" | "end" | "recent";
  readonly quantiles: readonly number[];
  /** IANA name: of times that are logged without a zone, and of those that are shown. */
  readonly timeZone: string;
  readonly output: "screen" | "once" | "json";
  readonly isAscii: boolean;
}

const everyMsMin = 250;
const everyMsMax = 3_600_000;

/** `source`: what the configuration says; flags go before it. Throws UserError. */
export function readTopFlags(
  given: Given,
  source: ReportSource | undefined,
  everyMsDefault: number,
): TopWish {
  const paths = given.args.length > 0 ? given.args : (source?.paths ?? []);
  if (paths.length === 0) {
    throw new UserError("USAGE", "name at least one log file, or a configuration by -c");
  }
  const timeZone = readTimeZone(given) ?? source?.spec.timeZone ?? "UTC";
  const where = bothOf(source?.spec.where, readWhere(given));
  const slowSeconds = readSlow(given) ?? source?.spec.slowSeconds;
  return {
    paths,
    format: readFormat(given, source),
    formatOptions: source?.formatOptions ?? {},
    spec: {
      ...source?.spec,
      groups: readGroups(given, listFlag(given, "group"), source?.spec.groups),
      anonymise: given.flags["anonymise"] === true || source?.spec.anonymise === true,
      timeZone,
      ...(where !== undefined && { where }),
      ...(slowSeconds !== undefined && { slowSeconds }),
    },
    everyMs: readEvery(given) ?? everyMsDefault,
    from: readFrom(given),
    quantiles: readQuantiles(given),
    timeZone,
    output: readOutput(given),
    isAscii: given.flags["ascii"] === true,
  };
}

function readEvery(given: Given): number | undefined {
  const text = textFlag(given, "every");
  const ms = text === undefined ? undefined : parseDuration(text);
  if (text !== undefined && (ms === undefined || ms < everyMsMin || ms > everyMsMax)) {
    throw new UserError("USAGE", `--every: ${text} is no duration from 250ms to 1h; write 1s`);
  }
  return ms;
}

function readFrom(given: Given): TopWish["from"] {
  const text = textFlag(given, "from") ?? "recent";
  if (text !== "start" && text !== "end" && text !== "recent") {
    throw new UserError("USAGE", "--from: write start, end or recent");
  }
  return text;
}

function readOutput({ flags }: Given): TopWish["output"] {
  if (flags["once"] === true && flags["json"] === true) {
    throw new UserError("USAGE", "choose one of --once and --json");
  }
  return flags["json"] === true ? "json" : flags["once"] === true ? "once" : "screen";
}
