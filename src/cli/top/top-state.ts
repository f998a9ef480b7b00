// What the user has chosen to see, and how keys change it. Pure: the screen is drawn from it, and nothing else.
import { parseWhere } from "../../access-log/scan/where.ts";
import type { Key, KeyName } from "../screen/keys.ts";
import { spansMs } from "./live-numbers.ts";
import type { Row, Sort } from "./panel.ts";
import { type PanelName, panelNames } from "./panels.ts";
import { type Prompt, editPrompt } from "./prompt.ts";
import { joinWhere } from "./row-where.ts";

export interface TopState {
  readonly panel: PanelName;
  /** The group that is looked into; undefined: none. */
  readonly group: string | undefined;
  /** The marked row: by its key, so that it stays marked while rows change places, else by its place. */
  readonly selected: { readonly key: string | undefined; readonly at: number };
  /** Where it differs from the panel's own. */
  readonly sorts: Readonly<Partial<Record<PanelName, Sort>>>;
  /** Place in `spansMs`. */
  readonly spanAt: number;
  readonly isPaused: boolean;
  readonly isHelpShown: boolean;
  /** A condition as the user wrote it; empty: none. */
  readonly filter: string;
  /** Open while a filter is typed. */
  readonly prompt: Prompt | undefined;
}

export const firstState: TopState = {
  panel: "groups",
  group: undefined,
  selected: { key: undefined, at: 0 },
  sorts: {},
  spanAt: 0,
  isPaused: false,
  isHelpShown: false,
  filter: "",
  prompt: undefined,
};

/** What is on the screen while a key is pressed. */
export interface View {
  readonly rows: readonly Row[];
  /** Titles of the columns, and how they are sorted now. */
  readonly titles: readonly string[];
  readonly sort: Sort;
  /** Rows that fit. */
  readonly height: number;
}

/** What the state alone cannot do. */
export type Effect = "quit" | "suspend" | "redraw" | undefined;

export interface Pressed {
  readonly state: TopState;
  readonly effect: Effect;
}

export function press(state: TopState, key: Key, view: View): Pressed {
  if (key.kind === "named" && everywhere[key.name] !== undefined) {
    return { state, effect: everywhere[key.name] };
  }
  if (state.prompt !== undefined) {
    return { state: pressInPrompt(state, state.prompt, key), effect: undefined };
  }
  if (state.isHelpShown) {
    return { state: { ...state, isHelpShown: false }, effect: undefined };
  }
  if (key.kind === "text") {
    return key.isPasted ? { state, effect: undefined } : pressText(state, key.text, view);
  }
  return { state: pressNamed(state, key.name, view), effect: undefined };
}

const everywhere: Readonly<Partial<Record<KeyName, Effect>>> = {
  "ctrl-c": "quit",
  "ctrl-z": "suspend",
  "ctrl-l": "redraw",
};

function pressInPrompt(state: TopState, prompt: Prompt, key: Key): TopState {
  if (key.kind === "named" && key.name === "escape") {
    return { ...state, prompt: undefined };
  }
  if (key.kind === "named" && key.name === "enter") {
    const filter = prompt.text.trim();
    const { problem, column } = filter === "" ? {} : { column: 0, ...parseWhere(filter) };
    return problem === undefined
      ? { ...atFirstRow(state), filter, prompt: undefined }
      : { ...state, prompt: { ...prompt, problem: `column ${column}: ${problem}` } };
  }
  return { ...state, prompt: editPrompt(prompt, key) };
}

function pressText(state: TopState, text: string, view: View): Pressed {
  if (text === "q") {
    return { state, effect: "quit" };
  }
  const change = keys[text] ?? toPanelKey(text);
  return { state: change?.(state, view) ?? state, effect: undefined };
}

type Change = (state: TopState, view: View) => TopState;

const keys: Readonly<Record<string, Change>> = {
  j: (state, view) => move(state, view, 1),
  k: (state, view) => move(state, view, -1),
  g: (state, view) => moveTo(state, view, 0),
  G: (state, view) => moveTo(state, view, Infinity),
  s: (state, view) => sortBy(state, view, 1),
  S: (state, view) => sortBy(state, view, -1),
  r: (state, { sort }) => withSort(state, { ...sort, isReversed: !sort.isReversed }),
  t: (state) => ({ ...state, spanAt: (state.spanAt + 1) % spansMs.length }),
  T: (state) => ({ ...state, spanAt: (state.spanAt + spansMs.length - 1) % spansMs.length }),
  " ": (state) => ({ ...state, isPaused: !state.isPaused }),
  p: (state) => ({ ...state, isPaused: !state.isPaused }),
  "/": (state) => openPrompt(state),
  f: (state) => openPrompt(state),
  c: (state) => ({ ...atFirstRow(state), filter: "" }),
  "?": (state) => ({ ...state, isHelpShown: true }),
  h: (state) => ({ ...state, isHelpShown: true }),
};

function pressNamed(state: TopState, name: string, view: View): TopState {
  switch (name) {
    case "up":
      return move(state, view, -1);
    case "down":
      return move(state, view, 1);
    case "page-up":
      return move(state, view, -view.height);
    case "page-down":
      return move(state, view, view.height);
    case "home":
      return moveTo(state, view, 0);
    case "end":
      return moveTo(state, view, Infinity);
    case "left":
    case "shift-tab":
      return turn(state, -1);
    case "right":
    case "tab":
      return turn(state, 1);
    case "enter":
      return open(state, view);
    case "escape":
    case "backspace":
      return state.group === undefined ? state : { ...atFirstRow(state), group: undefined };
    default:
      return state;
  }
}

/** `1` is the first panel, `0` the tenth. */
function toPanelKey(text: string): Change | undefined {
  const panel = panelNames[(Number(text) + 9) % 10];
  return /^\d$/.test(text) && panel !== undefined
    ? (state) => ({ ...atFirstRow(state), panel, group: undefined })
    : undefined;
}

function turn(state: TopState, by: number): TopState {
  const at = panelNames.indexOf(state.panel) + by + panelNames.length;
  const panel = panelNames[at % panelNames.length] ?? "groups";
  return { ...atFirstRow(state), panel, group: undefined };
}

function atFirstRow(state: TopState): TopState {
  return { ...state, selected: { key: undefined, at: 0 } };
}

/** Place of the marked row; 0 when there is none. */
export function selectedAt({ selected }: TopState, rows: readonly Row[]): number {
  const at = rows.findIndex(({ key }) => key === selected.key);
  return at >= 0 ? at : Math.max(0, Math.min(selected.at, rows.length - 1));
}

function move(state: TopState, view: View, by: number): TopState {
  return moveTo(state, view, selectedAt(state, view.rows) + by);
}

function moveTo(state: TopState, { rows }: View, wanted: number): TopState {
  const at = Math.max(0, Math.min(wanted, rows.length - 1));
  return { ...state, selected: { key: rows[at]?.key, at } };
}

function sortBy(state: TopState, { titles, sort }: View, by: number): TopState {
  const named = titles.filter((title) => title !== "" && title !== "trend");
  const at = named.indexOf(sort.title) + by + named.length;
  const title = named[at % named.length];
  return title === undefined ? state : withSort(state, { title, isReversed: false });
}

function withSort(state: TopState, sort: Sort): TopState {
  return { ...atFirstRow(state), sorts: { ...state.sorts, [tableName(state)]: sort } };
}

/** Within a group, its targets are listed. */
export function tableName({ panel, group }: TopState): PanelName {
  return group === undefined ? panel : "targets";
}

/** Looks into the marked group; of another row, only its lines are counted from now on. */
function open(state: TopState, { rows }: View): TopState {
  const row = rows[selectedAt(state, rows)];
  if (row === undefined) {
    return state;
  }
  if (state.panel === "groups" && state.group === undefined) {
    return { ...atFirstRow(state), group: row.key };
  }
  return row.where === undefined
    ? state
    : { ...atFirstRow(state), filter: joinWhere(state.filter, row.where) };
}

function openPrompt(state: TopState): TopState {
  const { filter } = state;
  return { ...state, prompt: { text: filter, at: filter.length, problem: undefined } };
}
