// Tables on a terminal.

import { fit, padTo, widthOf } from "./printable.ts";

export type Style = "heading" | "strong" | "dim" | "bad" | "warn" | "good" | "bar";
/** Puts a style on a text, or leaves it alone where there are no colours. */
export type Paint = (style: Style, text: string) => string;

export interface Column {
  readonly title: string;
  readonly align: "left" | "right";
  /** Gives way when the table is too wide; at most one. */
  readonly isFlexible?: boolean;
  /** Left out when there is too little room, the highest number first. */
  readonly rank?: number;
  readonly style?: (row: number) => Style | undefined;
}

export interface Table {
  readonly columns: readonly Column[];
  /** Cells by column, printable. */
  readonly rows: readonly (readonly string[])[];
}

const gap = "  ";
const flexibleMin = 16;

/** Lines no longer than `width`, the titles first. */
export function toTableLines(table: Table, width: number, paint: Paint): string[] {
  const kept = chooseColumns(table, width);
  const widths = kept.map((at) => widthOfColumn(table, at));
  const over = sumWithGaps(widths) - width;
  const flexible = kept.findIndex((at) => table.columns[at]?.isFlexible === true);
  if (over > 0 && flexible >= 0) {
    widths[flexible] = Math.max(1, (widths[flexible] ?? 0) - over);
  }
  const toLine = (cells: readonly string[], row: number | undefined): string =>
    kept
      .map((at, place) => {
        const column = table.columns[at];
        const size = widths[place] ?? 0;
        const cell = padTo(fit(cells[at] ?? "", size), size, column?.align);
        const style = row === undefined ? "dim" : column?.style?.(row);
        return style === undefined ? cell : paint(style, cell);
      })
      .join(gap)
      .trimEnd();
  const titles = table.columns.map(({ title }) => title);
  return [toLine(titles, undefined), ...table.rows.map((cells, row) => toLine(cells, row))];
}

/** Places of the columns for which there is room. */
function chooseColumns(table: Table, width: number): number[] {
  let kept = table.columns.map((_, at) => at);
  const needed = (): number =>
    sumWithGaps(
      kept.map((at) => {
        const own = widthOfColumn(table, at);
        return table.columns[at]?.isFlexible === true ? Math.min(own, flexibleMin) : own;
      }),
    );
  while (needed() > width) {
    const ranks = kept.map((at) => table.columns[at]?.rank ?? 0);
    const highest = Math.max(...ranks);
    if (highest === 0) {
      break;
    }
    kept = kept.filter((_, place) => place !== ranks.lastIndexOf(highest));
  }
  return kept;
}

function widthOfColumn({ columns, rows }: Table, at: number): number {
  return Math.max(
    widthOf(columns[at]?.title ?? ""),
    ...rows.map((cells) => widthOf(cells[at] ?? "")),
  );
}

function sumWithGaps(widths: readonly number[]): number {
  return widths.reduce((sum, width) => sum + width, 0) + gap.length * (widths.length - 1);
}
