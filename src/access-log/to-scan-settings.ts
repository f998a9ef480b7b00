import type { GroupRuleSpec, ScanSpec } from "./scan/log-scanner.ts";
import type { Condition } from "./scan/where.ts";

/** What the options of a source say of its lines, besides their format: the same whether it is followed or reported on. */
export interface LineOptions {
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
  readonly patterns?:
    | readonly { readonly name: string; readonly match: readonly string[] }[]
    | undefined;
  readonly clients: "keep" | "anonymise";
  /** Milliseconds. */
  readonly slow?: number | undefined;
}

export type ScanSettings = Pick<
  ScanSpec,
  "groups" | "timeZone" | "where" | "slowSeconds" | "anonymise" | "patterns"
>;

/** `templates`: whether requests that no rule names are counted under a template of their path. */
export function toScanSettings(options: LineOptions, templates: boolean): ScanSettings {
  const { timeZone, where, groups, renames = [], skip = [], deleted, patterns = [] } = options;
  return {
    groups: {
      rules: groups,
      renames: renames.map(({ match, group, method }) => ({
        match,
        group,
        ...(method !== undefined && { method }),
      })),
      skip,
      templates,
      ...(deleted !== undefined && { deleted }),
    },
    ...(timeZone !== undefined && { timeZone }),
    ...(where !== undefined && { where }),
    ...(options.slow !== undefined && { slowSeconds: options.slow / 1000 }),
    anonymise: options.clients === "anonymise",
    patterns: patterns.map(({ name, match }) => ({ name, patterns: match })),
  };
}
