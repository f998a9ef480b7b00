// What the history says of a check, as its panel draws it.
import { type Answers, linesBefore, linesOf } from "./answers.ts";
import { beforeSeries, toPhaseSeries } from "./line-styles.ts";
import { toPastColumns } from "./past-columns.ts";
import { type PastSource, toMissing } from "./past-traffic.ts";
import type { ChartData } from "./plot.ts";
import { orderPhases, type Span } from "./probe.ts";

export interface PastProbe {
  readonly outcomes: readonly Span[];
  /** The share of its looks that found it up; null when there were none. */
  readonly upRatio: number | null;
  readonly phases: ChartData;
}

export function toPastProbe(answers: Answers, source: PastSource): PastProbe {
  const [up] = linesOf(answers, "up", source.id);
  const points = up?.points ?? [];
  return {
    outcomes: toOutcomes(answers, source),
    upRatio:
      points.length === 0 ? null : points.reduce((sum, [, one]) => sum + one, 0) / points.length,
    phases: toPhases(answers, source),
  };
}

/** Steps of the same outcome together. A step with looks that failed is down in that part. */
function toOutcomes(answers: Answers, { id, everyMs }: PastSource): Span[] {
  const [up] = linesOf(answers, "up", id);
  const [unknown] = linesOf(answers, "unknown", id);
  const lastsMs = Math.max(up?.stepMs ?? unknown?.stepMs ?? 0, everyMs);
  const known = new Map(up?.points);
  const unknownAt = (unknown?.points ?? []).filter(([at, count]) => count > 0 && !known.has(at));
  const steps = [
    ...[...known].map(([at, ratio]) => ({ at, upRatio: ratio })),
    ...unknownAt.map(([at]) => ({ at, upRatio: undefined })),
  ].toSorted((a, b) => a.at - b.at);
  const spans: Span[] = [];
  for (const [index, { at, upRatio }] of steps.entries()) {
    const last = spans.at(-1);
    const to = Math.min(at + lastsMs, steps[index + 1]?.at ?? answers.view.range.to);
    if (last !== undefined && last.to === at && last.upRatio === upRatio) {
      spans[spans.length - 1] = { ...last, to };
    } else {
      spans.push({ from: at, to, outcome: toOutcome(upRatio), upRatio });
    }
  }
  return spans;
}

function toOutcome(upRatio: number | undefined): Span["outcome"] {
  if (upRatio === undefined) {
    return "unknown";
  }
  return upRatio === 1 ? "up" : "down";
}

function toPhases(answers: Answers, source: PastSource): ChartData {
  if (!answers.replies.has("phases")) {
    return toMissing(answers);
  }
  const lines = linesOf(answers, "phases", source.id);
  const names = orderPhases(lines.map(({ labels }) => labels["phase"] ?? ""));
  const before = linesBefore(answers, "phases", source.id).filter(({ labels }) =>
    ["total", undefined].includes(labels["phase"]),
  );
  return {
    series: [...names.map(toPhaseSeries), ...before.map(() => beforeSeries)],
    columns: toPastColumns({
      lines: names.flatMap(
        (name) => lines.find(({ labels }) => (labels["phase"] ?? "") === name) ?? [],
      ),
      linesBefore: before,
      everyMs: source.everyMs,
      until: answers.askedAt,
    }),
  };
}
