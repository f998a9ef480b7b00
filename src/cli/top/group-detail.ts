import {
  toCountText,
  toSecondsText,
  toShareText,
} from "../../access-log/report/render/quantities.ts";
import { toSparkline } from "../../access-log/report/render/text-charts.ts";
import { statusTone } from "../../access-log/report/render/status-names.ts";
import { toQuantileName } from "../../access-log/report/report.ts";
import { type Line, noSpans, widthOfLine } from "../screen/line.ts";
import { toPerSecondText } from "./group-panel.ts";
import { type Shown, words } from "./panel.ts";
import { type GroupTally, requestsOf } from "./tally.ts";

/** Shown of a group whatever the quantiles of the tables are. */
const sharesShown = [0.5, 0.9, 0.95, 0.99, 0.999];
const statusLinesMax = 3;

/** A group looked into: its rate and course, its durations, its statuses; its targets follow below. */
export function toGroupDetailLines(name: string, shown: Shown, width: number): Line[] {
  const { span } = shown;
  const group = span?.whole.groups.get(name);
  if (span === undefined || group === undefined) {
    return [[words(name, "strong"), words("  no requests in this time", "dim")], noSpans];
  }
  const course = span.slots.map(({ tally }) => {
    const own = tally.groups.get(name);
    return own === undefined ? 0 : requestsOf(own);
  });
  const rate = [
    words(name, "strong"),
    words(`  ${toPerSecondText(requestsOf(group), span)}/s`),
    words(`  ${toCountText(requestsOf(group))}  `, "dim"),
  ];
  const room = Math.max(0, width - widthOfLine(rate));
  return [
    [...rate, words(toSparkline(course.slice(-room)), "bar")],
    ...toDurationLine(group, shown.quantiles),
    ...toStatusLines(group, width),
    noSpans,
  ];
}

function toDurationLine({ durations }: GroupTally, quantiles: readonly number[]): Line[] {
  if (durations === undefined) {
    return [];
  }
  const shares = [...new Set([...sharesShown, ...quantiles])].toSorted((a, b) => a - b);
  const values = shares.flatMap((share) => [
    words(`${toQuantileName(share)} `, "dim"),
    words(`${toSecondsText(durations.quantile(share))}  `),
  ]);
  return [[...values, words("max ", "dim"), words(toSecondsText(durations.max))]];
}

/** `200 82.0%  500 4.1%`, the most frequent first, in as many lines as it takes. */
function toStatusLines(group: GroupTally, width: number): Line[] {
  const total = requestsOf(group);
  const lines: Line[] = [];
  let line: Line = [];
  for (const [status, requests] of [...group.statuses].toSorted(([, a], [, b]) => b - a)) {
    const one = [
      words(`${status} `, statusTone(status)),
      words(`${toShareText(requests, total)}  `),
    ];
    if (widthOfLine([...line, ...one]) > width) {
      lines.push(line);
      line = [];
    }
    line = [...line, ...one];
  }
  return [...lines, line].slice(0, statusLinesMax);
}
