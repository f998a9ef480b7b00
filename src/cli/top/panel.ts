// What a panel is: rows that can be sorted by any of their columns.
import type { Incident } from "../../rules/incident.ts";
import type { Instants } from "../../access-log/report/render/quantities.ts";
import type { Span as Words, Tone } from "../screen/line.ts";
import type { SeenEvent, TimeSpan } from "./live-numbers.ts";

/** Everything that can be looked at. */
export interface Shown {
  /** Undefined until the first window has come. */
  readonly span: TimeSpan | undefined;
  /** Newest first. */
  readonly events: readonly SeenEvent[];
  /** By the name of the log, in one sentence. */
  readonly problems: ReadonlyMap<string, string>;
  /** Newest first; undefined where no rules are watched. */
  readonly incidents: readonly Incident[] | undefined;
  readonly logs: readonly string[];
  /** The end of what was there at the beginning has not been reached. */
  readonly isCatchingUp: boolean;
  readonly quantiles: readonly number[];
  readonly instants: Instants;
  /** Whether a target is counted under a group of that name. */
  readonly isInGroup: (target: string, group: string) => boolean;
}

export interface Column {
  readonly title: string;
  readonly align: "left" | "right";
  /** Takes what the others leave, and gives way when the table is too wide; at most one. */
  readonly isFlexible?: boolean;
  /** Left out when there is too little room, the highest number first. */
  readonly rank?: number;
  /** Of its contents, so that a changing number does not move its neighbours. */
  readonly widthMin?: number;
}

export interface Row {
  /** Its own among the rows of its panel. */
  readonly key: string;
  readonly cells: readonly Words[];
  /** By column, what it is sorted by. */
  readonly values: readonly (number | string)[];
  /** The condition under which a line belongs to it, where there is one. */
  readonly where?: string | undefined;
}

export interface Table {
  readonly columns: readonly Column[];
  readonly rows: readonly Row[];
}

export interface Sort {
  /** Of a column. */
  readonly title: string;
  readonly isReversed: boolean;
}

export interface Panel {
  readonly title: string;
  /** Shorter, where the title is too long for its tab. */
  readonly tab?: string;
  /** Without requests it has no rows. */
  readonly isOfRequests: boolean;
  /** What stands where there are no rows, although there are requests. */
  readonly nothing: string;
  /** Titles of the columns that it is sorted by to begin with, the first that is there. */
  readonly sortedBy: readonly string[];
  table(shown: Shown): Table;
}

/** Numbers: the highest first; texts: in their order. Ties stay as they were. */
export function sortRows({ columns, rows }: Table, { title, isReversed }: Sort): readonly Row[] {
  const at = columns.findIndex((column) => column.title === title);
  const sign = isReversed ? -1 : 1;
  return at < 0 ? rows : rows.toSorted((a, b) => sign * compare(a.values[at], b.values[at]));
}

/** What cannot be measured comes last, whichever way. */
function compare(a: number | string = "", b: number | string = ""): number {
  return typeof a === "number" && typeof b === "number"
    ? (Number.isNaN(b) ? -Infinity : b) - (Number.isNaN(a) ? -Infinity : a) || 0
    : String(a).localeCompare(String(b), "en");
}

export function defaultSort({ sortedBy }: Panel, { columns }: Table): Sort {
  const titles = columns.map(({ title }) => title);
  const title = sortedBy.find((one) => titles.includes(one)) ?? "";
  return { title, isReversed: false };
}

export function words(text: string, tone?: Tone): Words {
  return tone === undefined ? { text } : { text, tone };
}
