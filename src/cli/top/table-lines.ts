import { widthOf, toPrintable } from "../../access-log/report/render/printable.ts";
import { type Line, type Span, fitSpan, reverseLine } from "../screen/line.ts";
import type { Column, Row, Sort, Table } from "./panel.ts";

export interface TableFrame {
  /** Lines are exactly so wide. */
  readonly width: number;
  /** Without the titles. */
  readonly height: number;
  readonly sort?: Sort | undefined;
  /** Place of the row that is marked, among those given. */
  readonly selected?: number | undefined;
}

const gap: Span = { text: "  " };
const flexibleMin = 16;

/** The titles, then the page of rows that holds the selected one. */
export function toTableLines({ columns, rows }: Table, frame: TableFrame): Line[] {
  const { width, height, sort, selected } = frame;
  const first = height < 1 ? 0 : Math.floor((selected ?? 0) / height) * height;
  const page = rows.slice(first, first + height);
  const kept = chooseColumns(columns, page, width);
  const layout = kept.map(({ at, size }) => ({ column: columns[at], at, size }));
  const toLine = (cellOf: (at: number) => Span): Line =>
    layout.flatMap(({ column, at, size }, place) => [
      ...(place === 0 ? [] : [gap]),
      fitSpan(cellOf(at), size, column?.align),
    ]);
  const titles = toLine((at) => toTitle(columns[at]?.title ?? "", sort));
  const lines = page.map(({ cells }, place) => {
    const line = toLine((at) => cells[at] ?? { text: "" });
    return first + place === selected ? reverseLine(line) : line;
  });
  return [titles, ...lines];
}

/** An arrow says which way it is sorted, where that is not the usual one. */
function toTitle(title: string, sort: Sort | undefined): Span {
  return sort !== undefined && title !== "" && sort.title === title
    ? { text: `${sort.isReversed ? "▲" : "▼"}${title}`, tone: "strong" }
    : { text: title, tone: "dim" };
}

interface Kept {
  readonly at: number;
  readonly size: number;
}

function chooseColumns(
  columns: readonly Column[],
  rows: readonly Row[],
  width: number,
): readonly Kept[] {
  let kept = columns.map((column, at) => ({ column, at, size: widthOfColumn(column, at, rows) }));
  const needed = (): number =>
    kept.reduce(
      (sum, { column, size }) =>
        sum + gap.text.length + (column.isFlexible === true ? Math.min(size, flexibleMin) : size),
      -gap.text.length,
    );
  while (needed() > width) {
    const highest = Math.max(...kept.map(({ column }) => column.rank ?? 0));
    if (highest === 0) {
      break;
    }
    kept = kept.filter(({ column }) => column.rank !== highest);
  }
  const fixed = kept.reduce(
    (sum, { column, size }) => sum + gap.text.length + (column.isFlexible === true ? 0 : size),
    -gap.text.length,
  );
  return kept.map(({ column, at, size }) => ({
    at,
    size: column.isFlexible === true ? Math.max(1, width - fixed) : size,
  }));
}

/** With room for the mark of a sorted column. */
function widthOfColumn(column: Column, at: number, rows: readonly Row[]): number {
  const texts = rows.map(({ cells }) => toPrintable(cells[at]?.text ?? ""));
  const title = column.title === "" ? 0 : widthOf(column.title) + 1;
  return Math.max(column.widthMin ?? 0, title, ...texts.map(widthOf));
}
