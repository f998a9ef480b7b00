// Which name a request has, in elfstatsd's words and in ours.
import type { Remark } from "./_annotated-yaml.ts";
import type { Settings } from "./_elfstatsd-settings.ts";
import { type OldValue, isList } from "./_python-settings.ts";

export interface ConvertedGroups {
  /** Options of each source. */
  readonly source: Record<string, unknown>;
  /** Paths begin below the source. */
  readonly remarks: readonly Remark[];
}

export function convertGroups(settings: Settings): ConvertedGroups {
  const remarks: Remark[] = [];
  const groups = convertValid(settings, remarks);
  const renames = convertAggregation(settings);
  const skip = settings
    .list("REQUESTS_TO_SKIP")
    .map((item) => settings.toPattern("REQUESTS_TO_SKIP", item))
    .filter((pattern) => pattern !== undefined);
  const patterns = convertPatterns(settings);
  if (patterns.length > 0) {
    const text = "Also looked for in requests that no rule names, which elfstatsd left out.";
    remarks.push({ path: ["patterns"], text });
  }
  return {
    source: {
      groups,
      ...(renames.length > 0 && { renames }),
      ...(skip.length > 0 && { skip }),
      ...(patterns.length > 0 && { patterns }),
    },
    remarks,
  };
}

function convertValid(settings: Settings, remarks: Remark[]): readonly unknown[] {
  const groups: unknown[] = [];
  for (const item of settings.list("VALID_REQUESTS")) {
    const match = settings.toPattern("VALID_REQUESTS", item);
    if (match === undefined) {
      continue;
    }
    if (!match.includes("(?<method>")) {
      const text = `A rule without (?P<method>…) is left out, as elfstatsd took what it matched for an error: ${match}`;
      remarks.push({ path: ["groups"], text });
    } else if (match.includes("(?<group>")) {
      groups.push({ match });
    } else {
      groups.push({ match, group: "nogroup" });
    }
  }
  return groups;
}

/** A rule of which both names are empty did nothing. */
function convertAggregation(settings: Settings): readonly unknown[] {
  const renames: unknown[] = [];
  for (const item of settings.list("REQUESTS_AGGREGATION")) {
    const [group, method, expression] = isList(item) ? item : [];
    const [from, to] = [toName(group), toName(method)];
    if (expression === undefined || from === undefined || to === undefined) {
      settings.refuse("REQUESTS_AGGREGATION", "has to be a list of (group, method, pattern)");
      continue;
    }
    const match = settings.toPattern("REQUESTS_AGGREGATION", expression);
    if (match !== undefined && from !== "" && to !== "") {
      renames.push({ match, group: from, method: to });
    } else if (match !== undefined && from + to !== "") {
      // The report joins the two at the slash, also where one of them is empty.
      renames.push({ match, group: `${from}/${to}` });
    }
  }
  return renames;
}

/** As str(). */
function toName(value: OldValue | undefined): string | undefined {
  if (typeof value === "string" || typeof value === "number") {
    return String(value);
  }
  return value === null ? "None" : undefined;
}

function convertPatterns(settings: Settings): readonly unknown[] {
  const patterns: unknown[] = [];
  for (const item of settings.list("PATTERNS_TO_EXTRACT")) {
    const [name, expressions] = item instanceof Map ? [item.get("name"), item.get("patterns")] : [];
    const match = (isList(expressions) ? expressions : [])
      .map((expression) => settings.toPattern("PATTERNS_TO_EXTRACT", expression))
      .filter((pattern) => pattern !== undefined);
    if (typeof name === "string" && name !== "" && match.length > 0) {
      patterns.push({ name, match });
    }
  }
  return patterns;
}
