import type { OutputConfig } from "../config/config.ts";
import type { Batch } from "../core/batch.ts";
import type { Labels } from "../core/sample.ts";

/** Verdicts that are remembered; names come from foreign plugins too, and may never end. */
const namesMax = 10_000;

/**
 * What an output takes of a batch: metrics that match `only` (all when it is empty) and none of `except`, with the
 * output's constant labels added; a label of the same name on the metric itself wins. Events are never left out.
 */
export function createMetricFilter({
  only,
  except,
  labels,
}: Pick<OutputConfig, "only" | "except" | "labels">): (batch: Batch) => Batch {
  const isConstant = Object.keys(labels).length > 0;
  if (only.length === 0 && except.length === 0 && !isConstant) {
    return (batch) => batch;
  }
  const onlyPattern = only.length === 0 ? /^/ : toPattern(only);
  const exceptPattern = toPattern(except);
  const known = new Map<string, boolean>();

  function isWanted({ name }: { readonly name: string }): boolean {
    let wanted = known.get(name);
    if (wanted === undefined) {
      wanted = onlyPattern.test(name) && !exceptPattern.test(name);
      if (known.size >= namesMax) {
        known.clear();
      }
      known.set(name, wanted);
    }
    return wanted;
  }

  function select<Item extends { readonly name: string; readonly labels: Labels }>(
    items: readonly Item[],
  ): readonly Item[] {
    const wanted = items.filter(isWanted);
    return isConstant
      ? wanted.map((item) => ({ ...item, labels: { ...labels, ...item.labels } }))
      : wanted;
  }

  return (batch) => ({ ...batch, samples: select(batch.samples), tops: select(batch.tops) });
}

/** True when nothing at all is left of a batch that held something. */
export function isEmptied(filtered: Batch, batch: Batch): boolean {
  const held = batch.samples.length + batch.tops.length;
  const left = filtered.samples.length + filtered.tops.length + filtered.events.length;
  return held > 0 && left === 0;
}

/** `http_*` and the like; an empty list matches nothing. */
function toPattern(globs: readonly string[]): RegExp {
  const alternatives = globs.map((glob) => RegExp.escape(glob).replaceAll("\\*", ".*"));
  return new RegExp(`^(?:${alternatives.join("|") || "(?!)"})$`, "s");
}
