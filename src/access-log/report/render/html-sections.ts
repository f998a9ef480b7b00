// The parts of the page behind its head: charts, tables, lines.

import { failureReasons } from "../../format/line-format.ts";
import { type Report, shownTops, topTitles } from "../report.ts";
import { toGroupTable } from "./group-table.ts";
import { markup, type Html, noHtml } from "./html.ts";
import {
  type Instants,
  toCountText,
  toNounText,
  toRateText,
  toSecondsText,
  toShareText,
  toSpanText,
} from "./quantities.ts";
import { reasonTexts } from "./reason-texts.ts";
import { statusName, statusTone } from "./status-names.ts";
import { toStretches } from "./stretches.ts";
import { type Chart, toLineChart, toStackedChart } from "./svg-charts.ts";

export interface HtmlOptions {
  readonly instants: Instants;
  /** Rows in each table. */
  readonly topMax: number;
  /** Of the columns of durations, shares from 0 to 1. */
  readonly quantiles: readonly number[];
  /** Of the program. */
  readonly version: string;
}

const columnsMax = 180;

export function toCharts({ series, from, to, duration }: Report, { instants }: HtmlOptions): Html {
  if (series === null || from === null || to === null) {
    return noHtml;
  }
  const { seconds, list } = toStretches(series, columnsMax);
  const isLong = Date.parse(to) - Date.parse(from) > 86_400_000;
  const ends = [instants.short(from, isLong), instants.short(to, isLong)] as const;
  const at = (iso: string): string => instants.short(iso, true);
  const requests: Chart = {
    columns: list.map((stretch) => ({
      title: `${at(stretch.at)}: ${toNounText(stretch.requests, "request")}, ${stretch.failed} × 5xx, ${stretch.refused} × 4xx`,
      values: [
        (stretch.requests - stretch.failed - stretch.refused) / seconds,
        stretch.refused / seconds,
        stretch.failed / seconds,
      ],
    })),
    classes: ["ok", "warn", "bad"],
    toLabel: (value) => (value === 0 ? "0" : toRateText(value)),
    ends,
  };
  const durations: Chart = {
    columns: list.map((stretch) => ({
      title:
        stretch.p99 === undefined
          ? ""
          : `${at(stretch.at)}: median ${toSecondsText(stretch.p50 ?? null)}, p99 ${toSecondsText(stretch.p99)}`,
      values: [stretch.p50, stretch.p99],
    })),
    classes: ["ok", "warn"],
    toLabel: toSecondsText,
    ends,
  };
  const step = `${toSpanText(seconds)} a column`;
  return markup`<section><h2>Requests over time <span class="dim">(${step})</span><i class="key"></i>other<i class="key warn"></i>4xx<i class="key bad"></i>5xx</h2>${toStackedChart(requests)}</section>${
    duration.count === 0
      ? noHtml
      : markup`<section><h2>Durations over time<i class="key"></i>median<i class="key warn"></i>p99</h2>${toLineChart(durations)}</section>`
  }`;
}

export function toStatusSection({ status, requests }: Report): Html {
  const most = Math.max(...Object.values(status));
  const rows = Object.entries(status).map(
    ([code, count]) =>
      markup`<tr><td class="${statusTone(code)}">${code}</td><td class="dim">${statusName(code)}</td><td class="n">${toCountText(count)}</td><td class="n">${toShareText(count, requests)}</td>${toBarCell(count / most, statusTone(code))}</tr>`,
  );
  return markup`<section><h2>Status</h2><table>${rows}</table></section>`;
}

export function toGroupSection(report: Report, options: HtmlOptions): Html {
  if (report.groups.length < 2) {
    return noHtml;
  }
  const { title, table } = toGroupTable(report, options);
  const names = table.columns.map(({ align }) => (align === "left" ? "k" : "n"));
  const heads = table.columns.map(
    ({ title: text }, at) => markup`<th class="${names[at] ?? ""}">${text}</th>`,
  );
  const rows = table.rows.map((cells, row) => {
    const tones = table.columns.map(({ style }) => style?.(row) ?? "");
    return markup`<tr>${cells.map((cell, at) => markup`<td class="${names[at] ?? ""} ${tones[at] ?? ""}">${cell}</td>`)}</tr>`;
  });
  return markup`<section><h2>${title}</h2><table><tr>${heads}</tr>${rows}</table></section>`;
}

export function toTopSections({ top, requests }: Report, { topMax }: HtmlOptions): Html {
  const sections = shownTops.flatMap((name) => {
    const rows = top[name].slice(0, topMax);
    const most = rows[0]?.count ?? 1;
    const lines = rows.map(({ key, count, error }) => {
      const over = error === 0 ? "" : `at most ${toCountText(error)} too many`;
      return markup`<tr title="${over}"><td class="k">${key}</td><td class="n">${error === 0 ? "" : "≤ "}${toCountText(count)}</td><td class="n">${toShareText(count, requests)}</td>${toBarCell(count / most, "")}</tr>`;
    });
    return rows.length === 0
      ? []
      : [markup`<section><h2>${topTitles[name]}</h2><table>${lines}</table></section>`];
  });
  return markup`<div class="tops">${sections}</div>`;
}

function toBarCell(share: number, tone: string): Html {
  const percent = Math.max(0.5, share * 100).toFixed(1);
  return markup`<td class="bar"><i class="${tone}" style="width:${percent}%"></i></td>`;
}

export function toLineSection({ lines, unparsed, files, failures }: Report): Html {
  const rows = Object.entries(lines)
    .filter(([, count]) => count > 0)
    .map(
      ([name, count]) =>
        markup`<tr><td class="k">${lineTitles[name] ?? name}</td><td class="n">${toCountText(count)}</td></tr>`,
    );
  const reasons = failureReasons
    .filter((reason) => (unparsed[reason] ?? 0) > 0)
    .map(
      (reason) =>
        markup`<tr><td class="k warn">${reasonTexts[reason]} (${reason})</td><td class="n warn">${toCountText(unparsed[reason] ?? 0)}</td></tr>`,
    );
  const problems = files.flatMap(({ file, problem }) =>
    problem === null ? [] : [markup`<p class="bad">${file} ${problem.message}</p>`],
  );
  const last =
    failures === undefined || failures.length === 0
      ? noHtml
      : markup`<section><h2>The last lines that could not be read</h2><pre>${failures.map(({ reason, text }) => markup`<span class="warn">${reason}</span>  ${text}\n`)}</pre></section>`;
  return markup`<section><h2>Lines</h2><table>${rows}${reasons}</table>${problems}</section>${last}`;
}

const lineTitles: Readonly<Record<string, string>> = {
  read: "read",
  parsed: "parsed",
  ungrouped: "parsed without a group",
  filtered: "filtered out",
  skipped: "skipped by rule",
  comment: "comments",
  unparsed: "unparsed",
  tooLong: "too long",
};
