// The heaviest keys, and what else is counted by value.

import { type Report, shownTops, topTitles } from "../report.ts";
import { indent, type Page } from "./page.ts";
import { fit, padTo, toPrintable, widthOf } from "./printable.ts";
import { toCountText, toNounText, toShareText } from "./quantities.ts";
import { toBar } from "./text-charts.ts";
import { type Column, type Table, toTableLines } from "./text-table.ts";

const besideColumnsMin = 150;

/** Two in a row where there is room for both. */
export function toTopBlocks(report: Report, page: Page): string[][] {
  const names = shownTops.filter((name) => report.top[name].length > 0);
  const isBeside = page.columns >= besideColumnsMin;
  const gutter = 4;
  const columns = isBeside ? Math.floor((page.columns - gutter) / 2) : page.columns;
  const blocks = names.map((name) => toTopBlock(report, name, { ...page, columns }));
  return isBeside ? pair(blocks, columns + gutter) : blocks;
}

function toTopBlock(
  { top, requests }: Report,
  name: (typeof shownTops)[number],
  { columns, paint, topMax }: Page,
): string[] {
  const rows = top[name].slice(0, topMax);
  const barWidth = Math.min(20, Math.max(0, Math.floor(columns / 6)));
  const most = rows[0]?.count ?? 1;
  const isExact = rows.every(({ error }) => error === 0);
  const error: Column = { title: "at most over by", align: "right", rank: 2 };
  const table: Table = {
    columns: [
      { title: "requests", align: "right" },
      ...(isExact ? [] : [error]),
      { title: "share", align: "right", rank: 3 },
      { title: "", align: "left", rank: 4, style: () => "bar" },
      { title: "", align: "left", isFlexible: true },
    ],
    rows: rows.map((row) => [
      toCountText(row.count),
      ...(isExact ? [] : [row.error === 0 ? "" : toCountText(row.error)]),
      toShareText(row.count, requests),
      padTo(toBar(row.count / most, barWidth), barWidth),
      toPrintable(row.key),
    ]),
  };
  return [paint("heading", topTitles[name]), ...indent(toTableLines(table, columns - 2, paint))];
}

function pair(blocks: readonly string[][], column: number): string[][] {
  const rows: string[][] = [];
  for (let at = 0; at < blocks.length; at += 2) {
    const [left = [], right = []] = [blocks[at], blocks[at + 1]];
    const height = Math.max(left.length, right.length);
    rows.push(
      Array.from({ length: height }, (_, line) => {
        const blanks = " ".repeat(Math.max(0, column - widthOf(plain(left[line] ?? ""))));
        return `${left[line] ?? ""}${blanks}${right[line] ?? ""}`.trimEnd();
      }),
    );
  }
  return rows;
}

/** Without our own colours; the texts of the log have none. */
function plain(line: string): string {
  return line.replaceAll(colors, "");
}

// oxlint-disable-next-line no-control-regex -- what styleText writes
const colors = /\u001b\[\d+m/g;

export function toCountBlocks(
  { termination, cache, tlsVersions, retries, requests }: Report,
  page: Page,
): string[][] {
  const { paint, columns } = page;
  const lists = [
    ["Termination states (HAProxy)", termination],
    ["Cache", cache],
    ["TLS versions", tlsVersions],
  ] as const;
  const line = (counts: Readonly<Record<string, number>>): string =>
    Object.entries(counts)
      .map(
        ([key, count]) =>
          `${toPrintable(key)} ${toCountText(count)} (${toShareText(count, requests)})`,
      )
      .join("   ");
  const blocks = lists
    .filter(([, counts]) => Object.keys(counts).length > 0)
    .map(([title, counts]) => [paint("heading", title), `  ${fit(line(counts), columns - 2)}`]);
  const repeated =
    retries === 0 ? [] : [[`  ${toNounText(retries, "repeated connection attempt")}`]];
  return [...blocks, ...repeated];
}
