// Batches as GELF 1.1 messages. Hot path: they are put together as text, which takes a third of the time of making
// objects for JSON.stringify and lets any label be a field, `__proto__` too.
import type { Batch } from "../core/batch.ts";
import type { Event, TopSample } from "../core/sample.ts";
import { type GelfFieldNames, createGelfFieldNames } from "./_gelf-fields.ts";
import {
  type HaproxyBackend,
  countSessions,
  createBackendTotals,
  isHaproxy,
  readBackends,
} from "./_haproxy-backends.ts";
import { type Row, toRows } from "./_rows.ts";
import { toShortText } from "./_short-text.ts";

export interface GelfMessageOptions {
  readonly facility: string;
  /** What becomes of a batch of HAProxy: the messages of haproxysessionmon, or the same as of any other batch. */
  readonly haproxy: "backends" | "all";
  readonly sessions: "current" | "rate";
}

export interface GelfEncoder {
  /** To be called before the batches of one write are encoded. */
  begin(): void;
  /** The messages of a batch, each one JSON object in one line. */
  encode(batch: Batch): readonly string[];
  /** To be called when they are delivered. */
  keep(): void;
}

/** Syslog's severities. */
const levels = { notice: 5, info: 6 } as const;
const shortCharsMax = 1_000;
const fullCharsMax = 16_384;
const shownFieldsMax = 3;
const topEntriesMax = 20;

export function createGelfEncoder(options: GelfMessageOptions): GelfEncoder {
  const totals = createBackendTotals();
  const names = createGelfFieldNames();
  const facility = JSON.stringify(options.facility);
  return {
    begin: () => totals.begin(),
    keep: () => totals.keep(),
    encode(batch) {
      const head = createHead(names, facility, batch);
      const events = batch.events.map((event) => toEventMessage(head, event));
      if (options.haproxy === "backends" && isHaproxy(batch)) {
        const messages = readBackends(batch).map((backend) => {
          const sum = totals.total(batch.source, backend);
          return toBackendMessage(options, batch, sum);
        });
        return [...messages, ...events];
      }
      return [
        ...toRows(batch).map((row) => toRowMessage(head, batch, row)),
        ...batch.tops.map((top) => toTopMessage(head, batch, top)),
        ...events,
      ];
    },
  };
}

/** As haproxysessionmon wrote it, byte for byte: Python's spacing, numbers and escapes. */
function toBackendMessage(
  { facility, sessions }: GelfMessageOptions,
  { source, to }: Batch,
  backend: HaproxyBackend,
): string {
  const measured = countSessions(backend, sessions);
  const text = `${measured} concurrent requests measured for backend "${backend.name}"`;
  const fields = [
    `"version": "1.1"`,
    `"host": ${toPythonText(source)}`,
    `"short_message": ${toPythonText(text)}`,
    `"timestamp": ${toPythonFloat(to / 1000)}`,
    `"level": ${levels.info}`,
    `"_facility": ${toPythonText(facility)}`,
    `"_sessions": ${measured}`,
    `"_backend": ${toPythonText(backend.name)}`,
    `"_queued_sessions": ${backend.queuedSessions}`,
    `"_active_backends": ${backend.activeServers}`,
    `"_http_4xx": ${backend.http4xx}`,
    `"_http_5xx": ${backend.http5xx}`,
  ];
  return `{${fields.join(", ")}}`;
}

/** JSON in ASCII. */
function toPythonText(text: string): string {
  return JSON.stringify(text).replaceAll(
    /[\u0080-\uffff]/g,
    (char) => `\\u${char.charCodeAt(0).toString(16).padStart(4, "0")}`,
  );
}

/** With a decimal point, or an exponent. */
function toPythonFloat(value: number): string {
  return Number.isInteger(value) && Math.abs(value) < 1e21 ? `${value}.0` : String(value);
}

/** What the messages of a batch have in common. */
interface Head {
  readonly names: GelfFieldNames;
  /** What each begins with, up to its text. */
  readonly start: string;
  /** Fields, each with a comma in front: of every message, and of those that tell of the window. */
  readonly origin: string;
  readonly window: string;
}

function createHead(names: GelfFieldNames, facility: string, batch: Batch): Head {
  const { source, service, from, to, partial, backfill } = batch;
  const marks = `${partial ? ',"_partial":1' : ""}${backfill ? ',"_backfill":1' : ""}`;
  const of = service === "" ? "" : `,"_service":${JSON.stringify(service)}`;
  return {
    names,
    start: `{"version":"1.1","host":${JSON.stringify(source)},"short_message":`,
    origin: `,"_facility":${facility}${of}`,
    window: `,"_window_seconds":${toPythonFloat((to - from) / 1000)}${marks}`,
  };
}

function toRowMessage(head: Head, { source, to }: Batch, { labels, fields }: Row): string {
  const { names } = head;
  const taken = new Set<string>();
  let numbers = "";
  for (const [name, value] of fields) {
    const field = toFree(names.metric(name), taken);
    taken.add(field);
    numbers += field + (names.isWhole(name) ? value : toPythonFloat(value));
  }
  const text = toShortText(source, { labels, fields });
  const start = toStart(head, { text, level: levels.info, at: to });
  return `${start}${head.window}${toLabelFields(names, labels, taken)}${numbers}}`;
}

function toTopMessage(head: Head, batch: Batch, top: TopSample): string {
  const { name, labels, value } = top;
  const entries = value.entries(topEntriesMax);
  const shown = entries.slice(0, shownFieldsMax).map(({ key, count }) => `${key} ${count}`);
  const text = `${batch.source}: ${name} ${shown.join(", ") || "nothing"}`;
  const lines = entries.map(({ key, count }) => `${count} ${key}`).join("\n");
  const start = toStart(head, { text, lines, level: levels.info, at: batch.to });
  const own = `,"_top":${JSON.stringify(name)},"_top_total":${value.total}`;
  return `${start}${own}${toLabelFields(head.names, labels, new Set())}}`;
}

function toEventMessage(head: Head, event: Event): string {
  const { at, name, labels } = event;
  const isLong = event.text.length > shortCharsMax || event.text.includes("\n");
  const text = event.text.trim() === "" ? name : event.text;
  const lines = isLong ? event.text : undefined;
  const start = toStart(head, { text, lines, level: levels.notice, at });
  const own = `,"_event":${JSON.stringify(name)}`;
  return `${start}${own}${toLabelFields(head.names, labels, new Set())}}`;
}

interface Message {
  readonly text: string;
  readonly lines?: string | undefined;
  readonly level: number;
  /** Milliseconds since the epoch. */
  readonly at: number;
}

/** What every message begins with; without the closing brace. */
function toStart({ start, origin }: Head, { text, lines, level, at }: Message): string {
  const short = /[^\S ]/.test(text) ? text.replaceAll(/\s+/g, " ") : text;
  const full =
    lines === undefined || lines === ""
      ? ""
      : `,"full_message":${JSON.stringify(lines.slice(0, fullCharsMax))}`;
  const head = `${start}${JSON.stringify(short.slice(0, shortCharsMax))}${full}`;
  return `${head},"timestamp":${at / 1000},"level":${level}${origin}`;
}

/** Of what would be the same field, the first keeps its name. */
function toLabelFields(names: GelfFieldNames, labels: Row["labels"], taken: Set<string>): string {
  let text = "";
  for (const label in labels) {
    const plain = names.label(label);
    const field = taken.has(plain) ? toFree(names.otherLabel(label), taken) : plain;
    taken.add(field);
    text += `${field}${JSON.stringify(labels[label])}`;
  }
  return text;
}

/** The same start of a field with a number at the end of its name, when it is taken. */
function toFree(field: string, taken: ReadonlySet<string>): string {
  let free = field;
  for (let i = 2; taken.has(free); i++) {
    free = `${field.slice(0, -2)}_${i}":`;
  }
  return free;
}
