// What `watchpost query` prints: the API's answer as rows of time and one column per series.
import { z } from "zod";
import { toInstant } from "../core/batch-json.ts";

export const queryAnswer = z.object({
  stepMs: z.number(),
  series: z.array(
    z.object({
      labels: z.record(z.string(), z.string()),
      points: z.array(z.tuple([z.number(), z.number()])),
    }),
  ),
});

export type QueryAnswer = z.output<typeof queryAnswer>;

interface Rows {
  readonly head: readonly string[];
  /** In the order of time; a cell is undefined where a series has no point. */
  readonly rows: readonly {
    readonly at: number;
    readonly values: readonly (number | undefined)[];
  }[];
}

function toRows({ series }: QueryAnswer): Rows {
  const byTime = new Map<number, (number | undefined)[]>();
  for (const [i, { points }] of series.entries()) {
    for (const [at, value] of points) {
      const row = byTime.get(at) ?? Array.from(series, () => undefined);
      row[i] = value;
      byTime.set(at, row);
    }
  }
  const rows = [...byTime].toSorted(([a], [b]) => a - b);
  return {
    head: series.map(({ labels }) => toName(labels)),
    rows: rows.map(([at, values]) => ({ at, values })),
  };
}

function toName(labels: Readonly<Record<string, string>>): string {
  const pairs = Object.entries(labels).map(([label, value]) => `${label}=${value}`);
  return pairs.join(" ") || "value";
}

/** RFC 4180, with a header; instants in ISO 8601, values as precise as they are. */
export function toCsv(answer: QueryAnswer): string {
  const { head, rows } = toRows(answer);
  const lines = [
    ["time", ...head],
    ...rows.map(({ at, values }) => [toInstant(at), ...values.map((value) => String(value ?? ""))]),
  ];
  return lines.map((cells) => `${cells.map(toCsvCell).join(",")}\r\n`).join("");
}

function toCsvCell(text: string): string {
  return /[",\r\n]/.test(text) ? `"${text.replaceAll('"', '""')}"` : text;
}

/** For people: local time, four significant digits, `-` where nothing is. */
export function toTable(answer: QueryAnswer): string {
  const { head, rows } = toRows(answer);
  if (rows.length === 0) {
    return "nothing was measured in this range\n";
  }
  const lines = [
    ["time", ...head],
    ...rows.map(({ at, values }) => [toLocalTime(at), ...values.map(toNumberText)]),
  ];
  const widths = (lines[0] ?? []).map((_, i) =>
    Math.max(...lines.map((cells) => cells[i]?.length ?? 0)),
  );
  return lines
    .map((cells) => cells.map((cell, i) => pad(cell, widths[i] ?? 0, i)).join("  "))
    .map((line) => `${line}\n`)
    .join("");
}

function pad(cell: string, width: number, column: number): string {
  return column === 0 ? cell.padEnd(width) : cell.padStart(width);
}

function toLocalTime(at: number): string {
  return new Date(at).toLocaleString("sv-SE");
}

function toNumberText(value: number | undefined): string {
  return value === undefined ? "-" : String(Number(value.toPrecision(4)));
}
