// The same numbers where nobody presses keys: tables one below the other.
import { type Look, encodeLine, toPlainText } from "../screen/encode-line.ts";
import { type Line, noSpans } from "../screen/line.ts";
import { toHeadLines, toTitleLine } from "./head-lines.ts";
import { type Shown, defaultSort, sortRows, words } from "./panel.ts";
import { type PanelName, panels } from "./panels.ts";
import { toTableLines } from "./table-lines.ts";
import { firstState } from "./top-state.ts";

export interface PlainFrame {
  readonly columns: number;
  /** Undefined: nothing but the text. */
  readonly look: Look | undefined;
  readonly isAscii: boolean;
  /** Place in `spansMs` of what is shown. */
  readonly spanAt: number;
}

/** Of each table. */
const rowsMax = 10;
/** Too few for the courses and charts of a screen's head to be a chart. */
const rows = 24;

/** One picture, ending in an empty line. */
export function toPlainPicture(shown: Shown, frame: PlainFrame): string {
  const { columns, look, isAscii, spanAt } = frame;
  const lines = [
    toTitleLine({ ...firstState, spanAt }, shown, { columns, rows }),
    ...toHeadLines(shown, { columns, rows }),
    ...tableNames.flatMap((name) => toTable(name, shown, columns)),
    noSpans,
  ];
  const texts = lines.map((line) =>
    look === undefined ? toPlainText(line, { isAscii }) : encodeLine(line, columns, look).text,
  );
  return `${texts.join("\n")}\n`;
}

const tableNames: readonly PanelName[] = [
  "groups",
  "status",
  "targets",
  "clients",
  "agents",
  "incidents",
  "log",
];

function toTable(name: PanelName, shown: Shown, columns: number): Line[] {
  const panel = panels[name];
  const table = panel.table(shown);
  if (table.rows.length === 0) {
    return [];
  }
  const sorted = { ...table, rows: sortRows(table, defaultSort(panel, table)) };
  const lines = toTableLines(sorted, { width: columns - 1, height: rowsMax });
  return [noSpans, ...lines.map((line): Line => [words(" "), ...line])];
}
