// What the whole of it was, in a few lines.

import type { Report } from "../report.ts";
import type { Page } from "./page.ts";
import { fit, padTo, toPrintable, widthOf } from "./printable.ts";
import {
  type Instants,
  toBytesText,
  toCountText,
  toNounText,
  toRateText,
  toSecondsText,
  toShareText,
  toSpanText,
} from "./quantities.ts";
import { countClass } from "./status-names.ts";
import type { Style } from "./text-table.ts";

export function toHeadBlock(report: Report, { columns, paint, instants }: Page): string[] {
  const title = toTitle(report);
  const lines = [paint("heading", fit(toPrintable(title), columns))];
  if (report.from !== null && report.to !== null) {
    const { full, zone } = instants;
    const isOneDay = instants.date(report.from) === instants.date(report.to);
    const to = isOneDay ? full(report.to).slice(-8) : full(report.to);
    const span = `${full(report.from)} to ${to} ${zone} (${toSpanText(secondsOf(report))})`;
    lines.push(paint("dim", fit(span, columns)));
  }
  const facts = toFacts(report, instants);
  const width = Math.max(0, ...facts.map(([value]) => widthOf(value)));
  return [
    ...lines,
    "",
    ...facts.map(([value, what, style]) => {
      const head = padTo(value, width, "right");
      return `  ${style === undefined ? head : paint(style, head)}  ${fit(what, columns - width - 4)}`;
    }),
  ];
}

/** The files, in a few words. */
export function toTitle({ files }: Report): string {
  const names = files.map(({ file }) => (file === "-" ? "standard input" : file));
  const [first = ""] = names;
  return names.length <= 1 ? first : `${first} and ${toNounText(names.length - 1, "more file")}`;
}

function secondsOf({ from, to }: Report): number {
  return (Date.parse(to ?? "") - Date.parse(from ?? "")) / 1000;
}

export type Fact = readonly [value: string, what: string, style?: Style | undefined];

/** What a reader wants to know first. */
export function toFacts(report: Report, instants: Instants): Fact[] {
  const { requests, bytes, status, duration, slow, clients, upstreamDuration } = report;
  if (requests === 0) {
    return [["0", "requests", "bad"]];
  }
  const [failed, refused] = [countClass(status, 5), countClass(status, 4)];
  const facts: Fact[] = [
    [toCountText(requests), `requests${toPace(report, instants)}`, "strong"],
    [toCountText(clients), clients === 1 ? "client" : "clients"],
    [toBytesText(bytes), `sent, ${toBytesText(Math.round(bytes / requests))} a request`],
    [
      toShareText(failed, requests),
      `failed (5xx: ${toCountText(failed)}), ${toShareText(refused, requests)} refused (4xx: ${toCountText(refused)})`,
      failed > 0 ? "bad" : "good",
    ],
  ];
  if (duration.count > 0) {
    const { p50, p90, p99, max } = duration;
    const rest = `p90 ${toSecondsText(p90)}, p99 ${toSecondsText(p99)}, longest ${toSecondsText(max)}`;
    facts.push([toSecondsText(p50), `median duration; ${rest}`]);
  }
  if (upstreamDuration.count > 0) {
    const { p50, p99, count } = upstreamDuration;
    const rest = `p99 ${toSecondsText(p99)}, of ${toNounText(count, "request")}`;
    facts.push([toSecondsText(p50), `median wait for upstreams; ${rest}`]);
  }
  if (slow !== null) {
    const what = `slow: ${toShareText(slow.requests, requests)} took ${toSecondsText(slow.threshold)} or longer`;
    facts.push([toCountText(slow.requests), what, slow.requests > 0 ? "warn" : undefined]);
  }
  return facts;
}

function toPace(report: Report, instants: Instants): string {
  const seconds = secondsOf(report);
  const { series } = report;
  if (series === null || !(seconds > 0)) {
    return "";
  }
  const busiest = series.windows.reduce((most, one) => (one.requests > most.requests ? one : most));
  const at = instants.short(busiest.at, seconds > 86_400);
  const peak = toRateText(busiest.requests / series.windowSeconds);
  return `, ${toRateText(report.requests / (seconds + 1))} on average, at most ${peak} at ${at}`;
}
