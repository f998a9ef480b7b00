// The panels, in the order of their keys.
import { statusName, statusTone } from "../../access-log/report/render/status-names.ts";
import { reasonTexts } from "../../access-log/report/render/reason-texts.ts";
import {
  toCountText,
  toSecondsText,
  toShareText,
  toSpanText,
} from "../../access-log/report/render/quantities.ts";
import { toBar } from "../../access-log/report/render/text-charts.ts";
import type { Span as Words, Tone } from "../screen/line.ts";
import type { Incident } from "../../rules/incident.ts";
import { groupPanel, toPerSecondText } from "./group-panel.ts";
import type { TimeSpan } from "./live-numbers.ts";
import { type Column, type Panel, type Row, type Shown, type Table, words } from "./panel.ts";
import { type GroupTally, classOf, requestsOf } from "./tally.ts";
import { toStatusWhere, toTargetWhere, toTextWhere } from "./row-where.ts";

const barColumns = 20;
const right = { align: "right", widthMin: 6 } as const;
const requestColumns: readonly Column[] = [
  { ...right, title: "requests" },
  { ...right, title: "req/s", rank: 2 },
  { ...right, title: "share" },
  { title: "", align: "left", rank: 3, widthMin: barColumns },
];

export const panelNames = [
  "groups",
  "status",
  "targets",
  "clients",
  "agents",
  "referrers",
  "users",
  "hosts",
  "incidents",
  "log",
] as const;
export type PanelName = (typeof panelNames)[number];

export const panels: Readonly<Record<PanelName, Panel>> = {
  groups: groupPanel,
  status: {
    title: "status",
    isOfRequests: true,
    nothing: "no requests",
    sortedBy: ["status"],
    table: (shown) => toStatusTable(shown.span?.whole.total().statuses ?? new Map(), shown),
  },
  targets: topPanel("targets", [{ metric: "http_targets", toWhere: toTargetWhere }]),
  clients: topPanel("clients", [
    { metric: "http_clients_top", toWhere: (key) => toTextWhere("client", key) },
  ]),
  agents: topPanel("agents", [
    { metric: "http_agents", toWhere: (key) => toTextWhere("agent", key) },
    { metric: "http_bots", mark: "bot", toWhere: (key) => toTextWhere("agent", key) },
  ]),
  referrers: {
    ...topPanel("referrers", [
      { metric: "http_referrers", toWhere: (key) => toTextWhere("referrer", key) },
    ]),
    tab: "refs",
  },
  users: topPanel("users", [{ metric: "http_users", toWhere: (key) => toTextWhere("user", key) }]),
  hosts: topPanel("hosts", [{ metric: "http_hosts", toWhere: (key) => toTextWhere("host", key) }]),
  incidents: {
    title: "incidents",
    isOfRequests: false,
    nothing: "no incidents",
    sortedBy: [],
    table: (shown) => toIncidentTable(shown),
  },
  log: {
    title: "log",
    isOfRequests: false,
    nothing: "nothing was read yet",
    sortedBy: [],
    table: (shown) => toLogTable(shown),
  },
};

export function toStatusTable(statuses: ReadonlyMap<string, number>, { span }: Shown): Table {
  const entries = [...statuses].toSorted(([a], [b]) => (a < b ? -1 : 1));
  const most = Math.max(...statuses.values());
  const total = statuses.values().reduce((sum, requests) => sum + requests, 0);
  return {
    columns: [
      { title: "status", align: "left", widthMin: 6 },
      { title: "meaning", align: "left", isFlexible: true },
      ...requestColumns,
    ],
    rows: entries.map(([status, requests]) => ({
      key: status,
      cells: [
        words(status, statusTone(status)),
        words(statusName(status), "dim"),
        ...toRequestCells(requests, { total, most, span, tone: statusTone(status) }),
      ],
      values: [status, statusName(status), requests, requests, requests, requests],
      where: toStatusWhere(status),
    })),
  };
}

interface TopKind {
  readonly metric: string;
  /** Said of its rows, where several kinds are in one panel. */
  readonly mark?: string;
  readonly toWhere: (key: string) => string | undefined;
}

function topPanel(title: string, kinds: readonly TopKind[]): Panel {
  return {
    title,
    isOfRequests: true,
    nothing: `the lines name no ${title}`,
    sortedBy: ["requests"],
    table: ({ span }) => toRowTable(title, kinds, span),
  };
}

const rowsMax = 200;

/** Targets that are counted under a group, and their shares of it. */
export function toGroupTargets(group: string, { span, isInGroup }: Shown): Table {
  const own = span?.whole.groups.get(group);
  return toRowTable("targets", targetKinds, span, {
    total: own === undefined ? 0 : requestsOf(own),
    isShown: (target) => isInGroup(target, group),
  });
}

const targetKinds: readonly TopKind[] = [{ metric: "http_targets", toWhere: toTargetWhere }];

interface Selection {
  readonly total: number;
  readonly isShown: (key: string) => boolean;
}

function toRowTable(
  title: string,
  kinds: readonly TopKind[],
  span: Shown["span"],
  selection?: Selection,
): Table {
  const tops = kinds.flatMap((kind) => {
    const top = span?.whole.tops.get(kind.metric);
    return top === undefined ? [] : [{ kind, top }];
  });
  const entries = tops
    .flatMap(({ kind, top }) => top.entries(rowsMax).map((entry) => ({ ...entry, kind })))
    .filter(({ key }) => selection?.isShown(key) ?? true)
    .toSorted((a, b) => b.count - a.count);
  const total = selection?.total ?? tops.reduce((sum, { top }) => sum + top.total, 0);
  const most = entries[0]?.count ?? 0;
  const marks = kinds.some(({ mark }) => mark !== undefined);
  return {
    columns: [
      { title: title.replace(/s$/, ""), align: "left", isFlexible: true },
      ...(marks ? [{ title: "", align: "left", widthMin: 3 } as const] : []),
      ...requestColumns,
    ],
    rows: entries.map(({ key, count, error, kind }) => ({
      key: `${kind.metric} ${key}`,
      cells: [
        words(key === "" ? "(none)" : key),
        ...(marks ? [words(kind.mark ?? "", "dim")] : []),
        ...toRequestCells(count, { total, most, span, tone: "bar", isAtMost: error > 0 }),
      ],
      values: [key, ...(marks ? [kind.mark ?? ""] : []), count, count, count, count],
      where: kind.toWhere(key),
    })),
  };
}

interface RequestScale {
  readonly total: number;
  readonly most: number;
  readonly span: Shown["span"];
  readonly tone: Tone;
  /** The number is an upper bound. */
  readonly isAtMost?: boolean;
}

function toRequestCells(
  requests: number,
  { total, most, span, tone, isAtMost }: RequestScale,
): readonly Words[] {
  return [
    words(`${isAtMost === true ? "~" : ""}${toCountText(requests)}`),
    words(span === undefined ? "" : toPerSecondText(requests, span)),
    words(toShareText(requests, total)),
    words(toBar(most === 0 ? 0 : requests / most, barColumns), tone),
  ];
}

function toIncidentTable({ incidents = [], instants }: Shown): Table {
  return {
    columns: [
      { title: "opened", align: "left" },
      { title: "lasted", align: "left", rank: 2 },
      { title: "rule", align: "left", rank: 1 },
      { title: "what", align: "left", isFlexible: true },
    ],
    rows: incidents.map((incident) => {
      const { id, openedAt, clearedAt, rule, summary } = incident;
      const tone = clearedAt === undefined ? "bad" : "dim";
      return {
        key: id,
        cells: [
          words(instants.full(new Date(openedAt).toISOString()).slice(-8), tone),
          words(toLastedText(incident), tone),
          words(rule, tone),
          words(summary, clearedAt === undefined ? "strong" : "dim"),
        ],
        values: [-openedAt, (clearedAt ?? Infinity) - openedAt, rule, summary],
      };
    }),
  };
}

function toLastedText({ openedAt, clearedAt }: Incident): string {
  return clearedAt === undefined ? "open" : toSpanText((clearedAt - openedAt) / 1000);
}

/** What became of the lines, of each log; why some could not be read; what happened to the files. */
function toLogTable(shown: Shown): Table {
  const { span, problems, logs, events, instants } = shown;
  const logRows = logs.map((log): Row => {
    const problem = problems.get(log);
    const own = span?.bySource.get(log);
    const lines = [...(own?.lines ?? [])].filter(([, count]) => count > 0);
    const text = [
      ...(span === undefined || own === undefined ? [] : toShortNumbers(own, span)),
      ...lines.map(([name, count]) => `${toCountText(count)} ${name.replace("_", " ")}`),
    ];
    return toTextRow(
      `log ${log}`,
      [log, problem ?? (text.length === 0 ? "silent" : text.join(", "))],
      problem === undefined ? undefined : "bad",
    );
  });
  const reasonRows = [...(span?.whole.reasons ?? [])].map(([reason, count]) =>
    toTextRow(`reason ${reason}`, [`${toCountText(count)} unparsed`, toReasonText(reason)], "warn"),
  );
  const eventRows = events.map(({ at, source, text }, place) =>
    toTextRow(`event ${at} ${place}`, [
      `${instants.full(new Date(at).toISOString()).slice(-8)} ${source}`,
      text,
    ]),
  );
  return {
    columns: [
      { title: "log", align: "left" },
      { title: "what became of it", align: "left", isFlexible: true },
    ],
    rows: [...logRows, ...reasonRows, ...eventRows],
  };
}

/** `84.2/s`, `5xx 1.2%`; nothing where nothing was asked for. */
function toShortNumbers(own: GroupTally, span: TimeSpan): readonly string[] {
  const requests = requestsOf(own);
  const p99 = own.durations?.quantile(0.99);
  return requests === 0
    ? []
    : [
        `${toPerSecondText(requests, span)}/s`,
        `5xx ${toShareText(classOf(own, "5"), requests)}`,
        ...(p99 === undefined ? [] : [`p99 ${toSecondsText(p99)}`]),
      ];
}

function toTextRow(key: string, texts: readonly string[], tone?: Tone): Row {
  return { key, cells: texts.map((text) => words(text, tone)), values: [] };
}

function toReasonText(reason: string): string {
  return Object.entries(reasonTexts).find(([name]) => name === reason)?.[1] ?? reason;
}
