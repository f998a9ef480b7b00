// The whole screen, from what was seen and what the user has chosen. Pure.
import { toNounText } from "../../access-log/report/render/quantities.ts";
import { toPrintable, widthOf } from "../../access-log/report/render/printable.ts";
import { type Line, beside, fitLine, noSpans } from "../screen/line.ts";
import type { CursorPlace } from "../screen/screen.ts";
import { toGroupDetailLines } from "./group-detail.ts";
import { type Size, toHeadLines, toTitleLine } from "./head-lines.ts";
import { helpLines } from "./help.ts";
import { type Shown, type Sort, type Table, defaultSort, sortRows, words } from "./panel.ts";
import { panelNames, panels, type PanelName, toGroupTargets } from "./panels.ts";
import type { Prompt } from "./prompt.ts";
import { toTableLines } from "./table-lines.ts";
import { type TopState, type View, selectedAt, tableName } from "./top-state.ts";

export interface Picture {
  readonly lines: readonly Line[];
  readonly cursor: CursorPlace | undefined;
  /** What keys that come now mean. */
  readonly view: View;
}

/** Wider screens have more lists at the right. */
const wideColumns = 140;
const rightShare = 0.42;

export function draw(state: TopState, shown: Shown, size: Size): Picture {
  const above = [
    toTitleLine(state, shown, size),
    ...toHeadLines(shown, size),
    toAlarmLine(shown),
    toTabLine(state, shown),
  ];
  const height = Math.max(0, size.rows - above.length - 1);
  const { lines, view } = drawPanel(state, shown, { columns: size.columns, rows: height });
  const body = state.isHelpShown ? helpLines : lines;
  const filled = Array.from({ length: height }, (_, at) => body[at] ?? noSpans);
  const last = toLastLine(state, size.columns);
  return {
    lines: [...above, ...filled, last.line].slice(0, size.rows),
    cursor: last.column === undefined ? undefined : { row: size.rows - 1, column: last.column },
    view,
  };
}

interface DrawnPanel {
  readonly lines: readonly Line[];
  readonly view: View;
}

function drawPanel(state: TopState, shown: Shown, { columns, rows }: Size): DrawnPanel {
  const isWide = columns >= wideColumns;
  const rightColumns = isWide ? Math.floor(columns * rightShare) : 0;
  const width = columns - rightColumns - 2;
  const detail = state.group === undefined ? [] : toGroupDetailLines(state.group, shown, width);
  const height = Math.max(0, rows - detail.length - 1);
  const table = toSortedTable(state, shown);
  const selected = table.rows.length === 0 ? undefined : selectedAt(state, table.rows);
  const lines =
    table.rows.length === 0
      ? [[words(toNothing(state, shown), "dim")]]
      : toTableLines(table, { width, height, sort: table.sort, selected });
  const titles = table.columns.map(({ title }) => title);
  const left = [...detail, ...lines].map((line): Line => [words(" "), ...line]);
  return {
    lines: isWide
      ? beside(left, toRightLines(state, shown, rightColumns - 2, rows), width + 3)
      : left,
    view: { rows: table.rows, titles, sort: table.sort, height },
  };
}

function toNothing(state: TopState, { span }: Shown): string {
  const isSilent = span === undefined || span.whole.groups.size === 0;
  const { nothing } = panels[tableName(state)];
  return isSilent && panels[tableName(state)].isOfRequests ? "no requests in this time" : nothing;
}

function toSortedTable(state: TopState, shown: Shown): Table & { readonly sort: Sort } {
  const { group } = state;
  const panel = panels[tableName(state)];
  const table = group === undefined ? panel.table(shown) : toGroupTargets(group, shown);
  const sort = state.sorts[tableName(state)] ?? defaultSort(panel, table);
  return { ...table, rows: sortRows(table, sort), sort };
}

const rightPanels: readonly PanelName[] = ["status", "targets", "clients", "agents"];

/** Those of the lists that are not shown at the left: the first whole where it can be, the others as far as there is room. */
function toRightLines(state: TopState, shown: Shown, width: number, rows: number): Line[] {
  const names = rightPanels.filter((name) => name !== tableName(state)).slice(0, 3);
  const lines: Line[] = [];
  for (const [at, name] of names.entries()) {
    const table = panels[name].table(shown);
    const sort = state.sorts[name] ?? defaultSort(panels[name], table);
    const left = rows - lines.length;
    const room = at === 0 ? Math.floor(left / 2) : Math.floor(left / (names.length - at));
    const height = Math.max(0, room - 2);
    lines.push(
      ...toTableLines({ ...table, rows: sortRows(table, sort) }, { width, height }),
      noSpans,
    );
  }
  return lines;
}

/** What has to be seen whichever panel is open: incidents, and logs that cannot be read. */
function toAlarmLine({ incidents = [], problems }: Shown): Line {
  const open = incidents.filter(({ clearedAt }) => clearedAt === undefined);
  const [first] = open;
  const [problem] = problems;
  if (first !== undefined) {
    return [
      words(` ▲ ${toNounText(open.length, "incident")} open  `, "bad"),
      words(first.summary, "strong"),
    ];
  }
  return problem === undefined ? noSpans : [words(` ▲ ${problem[1]}`, "bad")];
}

/** Those that have nothing to show are left out, but their keys work. */
function toTabLine(state: TopState, shown: Shown): Line {
  const tabs = panelNames.flatMap((name, at): Line => {
    const { title, tab = title } = panels[name];
    const isOpen = name === state.panel;
    if (!isOpen && isEmpty(name, shown)) {
      return [];
    }
    const text = `${(at + 1) % 10} ${tab}`;
    return [words(" "), isOpen ? { text, isReversed: true } : words(text, "dim")];
  });
  return state.group === undefined ? tabs : [...tabs, words(`  › ${state.group}`, "strong")];
}

const optional: Readonly<Partial<Record<PanelName, string>>> = {
  referrers: "http_referrers",
  users: "http_users",
  hosts: "http_hosts",
  agents: "http_agents",
};

function isEmpty(name: PanelName, { span, incidents }: Shown): boolean {
  const metric = optional[name];
  return name === "incidents"
    ? incidents === undefined
    : metric !== undefined && !(span?.whole.tops.has(metric) ?? false);
}

interface LastLine {
  readonly line: Line;
  /** Of the cursor. */
  readonly column: number | undefined;
}

function toLastLine(state: TopState, columns: number): LastLine {
  const { prompt } = state;
  if (prompt !== undefined) {
    return toPromptLine(prompt, columns);
  }
  const filter = state.filter === "" ? "/ filter" : "/ filter  c clear it";
  const left =
    state.group === undefined
      ? ` q quit  ? help  ${filter}  s sort  enter open  space pause  t time`
      : ` q quit  ? help  ${filter}  s sort  enter only this  esc back`;
  return { line: fitLine([words(left, "dim")], columns), column: undefined };
}

const promptName = " where ";

function toPromptLine({ text, at, problem }: Prompt, columns: number): LastLine {
  const before = toPrintable(text.slice(0, at));
  const column = promptName.length + widthOf(before);
  // A long text is shown from where the cursor is within sight.
  const hidden = Math.max(0, column - columns + 1);
  const shown = toPrintable(text).slice(hidden);
  const hint = problem ?? (text === "" ? 'status >= 500 and not agent ~ "bot"' : "");
  return {
    line: [
      words(promptName, "heading"),
      words(`${shown} `),
      words(hint === "" ? "" : `  ${hint}`, problem === undefined ? "dim" : "bad"),
    ],
    column: Math.min(columns - 1, column - hidden),
  };
}
