// From the options of an access log to what a scan of it needs.
import { parseSourceFormat } from "../access-log/parse-source-format.ts";
import type { GroupRuleSpec, MetricSpec, ScanSpec } from "../access-log/scan/log-scanner.ts";
import type { Condition } from "../access-log/scan/where.ts";

/** At up to 11 bytes each, a sample of so many stays below the 512 KiB that a batch may have. */
const exactDurationsMax = 40_000;

export interface SpecOptions {
  readonly format: string;
  readonly durationUnit?: "s" | "ms" | "us" | undefined;
  readonly timeZone?: string | undefined;
  readonly where?: Condition | undefined;
  readonly groups: readonly GroupRuleSpec[];
  readonly renames?:
    | readonly {
        readonly match: string;
        readonly group: string;
        readonly method?: string | undefined;
      }[]
    | undefined;
  readonly skip?: readonly string[] | undefined;
  readonly deleted?: string | undefined;
  readonly templates?: boolean | undefined;
  readonly patterns?:
    | readonly { readonly name: string; readonly match: readonly string[] }[]
    | undefined;
  readonly metrics?: readonly MetricSpec[] | undefined;
  readonly clients: "keep" | "anonymise";
  readonly exactDurations?: boolean | undefined;
}

/** What a scan needs to know, of options that are valid. Throws RangeError otherwise. */
export function toSpec(options: SpecOptions, slowMs: number | undefined): ScanSpec {
  const { durationUnit, timeZone, where: condition, groups, renames = [], skip = [] } = options;
  const found = parseSourceFormat(options.format, { durationUnit });
  if (found.format === undefined) {
    throw new RangeError(found.problem);
  }
  return {
    ...found,
    groups: {
      rules: groups,
      renames: renames.map(({ match, group, method }) => ({
        match,
        group,
        ...(method !== undefined && { method }),
      })),
      skip,
      ...(options.deleted !== undefined && { deleted: options.deleted }),
      templates: options.templates ?? false,
    },
    ...(timeZone !== undefined && { timeZone }),
    ...(condition !== undefined && { where: condition }),
    ...(slowMs !== undefined && { slowSeconds: slowMs / 1000 }),
    anonymise: options.clients === "anonymise",
    patterns: (options.patterns ?? []).map(({ name, match }) => ({ name, patterns: match })),
    metrics: options.metrics ?? [],
    ...(options.exactDurations === true && { limits: { durationValuesMax: exactDurationsMax } }),
  };
}
