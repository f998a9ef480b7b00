// Messages of RFC 5424.
import { toInstant } from "../core/batch-json.ts";
import type { Batch } from "../core/batch.ts";
import type { Labels } from "../core/sample.ts";
import { toLegalText } from "./_legal-text.ts";
import { toPoints } from "./_points.ts";
import { toRows } from "./_rows.ts";
import { type Tag, type TagRules, toSeriesTags } from "./_series-tags.ts";
import { type Severity, type SyslogForm, facilities, severities } from "./_syslog-form.ts";
import { toShortText } from "./_short-text.ts";

interface Message {
  readonly severity: Severity;
  /** Milliseconds since the epoch. */
  readonly at: number;
  readonly id: string;
  readonly labels: Labels;
  /** What else its structured data holds. */
  readonly params: readonly Tag[];
  readonly text: string;
}

/** The messages of a batch, each cut to so many bytes, as far as its text goes. */
export function toSyslogMessages(
  form: SyslogForm,
  batch: Batch,
  bytesMax: number,
): readonly string[] {
  const { samples } = batch;
  const rows = form.messages === "all" ? toMeasurements(batch) : [];
  const problems = form.messages === "problems" ? toProblems(batch, samples) : [];
  return [...rows, ...problems, ...toEvents(form, batch)].map((message) =>
    cut(toHead(form, batch, message), toOneLine(message.text), bytesMax),
  );
}

function toEvents(form: SyslogForm, { events }: Batch): readonly Message[] {
  return events.map(({ at, name, labels, text }) => {
    const severity = form.severities[name] ?? toSeverity(name);
    const shown = text.trim() === "" ? name : text;
    return { severity, at, id: name, labels, params: [["event", name]], text: shown };
  });
}

function toSeverity(event: string): Severity {
  if (/(?:^|_)(?:down|failed|lost)$/.test(event)) {
    return "err";
  }
  return /(?:^|_)(?:unknown|stopping|replaced|truncated|missing|cleared)$/.test(event)
    ? "warning"
    : "notice";
}

/** What says that something is wrong by itself: checks that are down or unknown, plugins that are not well. */
function toProblems(batch: Batch, samples: Batch["samples"]): readonly Message[] {
  return toPoints(samples).flatMap(({ name, labels, value }) => {
    const severity = judge(name, value);
    if (severity === undefined) {
      return [];
    }
    const text = toShortText(batch.source, { labels, fields: new Map([[name, value]]) });
    const params = [[name, String(value)]] as const;
    return [{ severity, at: batch.to, id: name, labels, params, text }];
  });
}

function judge(name: string, value: number): Severity | undefined {
  if (name.endsWith("_up")) {
    return value === 0 ? "err" : undefined;
  }
  if (name === "plugin_state") {
    return value === 0 ? undefined : value === 2 ? "err" : "warning";
  }
  return name.endsWith("_unknown_total") && value > 0 ? "warning" : undefined;
}

function toMeasurements(batch: Batch): readonly Message[] {
  return toRows(batch).map((row) => {
    const { labels, fields } = row;
    const params = [...fields].map(([name, value]) => [name, String(value)] as const);
    const text = toShortText(batch.source, row);
    return { severity: "info", at: batch.to, id: "metrics", labels, params, text };
  });
}

/** All but the text. */
function toHead(form: SyslogForm, batch: Batch, message: Message): string {
  const { source, partial, backfill } = batch;
  const priority = facilities.indexOf(form.facility) * 8 + severities.indexOf(message.severity);
  const marks: readonly Tag[] = [
    ...(partial ? [["partial", "1"] as const] : []),
    ...(backfill ? [["backfill", "1"] as const] : []),
  ];
  const params = [
    ...toSeriesTags(batch, message.labels, tagRules),
    ...[...message.params, ...marks].map(([name, value]) => [toName(name), toValue(value)]),
  ].map(([name, value]) => ` ${name}="${value}"`);
  return [
    `<${priority}>1`,
    toInstant(message.at),
    toPrintable(source, 255),
    toPrintable(form.appName, 48),
    "-",
    toPrintable(message.id, 32),
    `[watchpost@${form.enterprise}${params.join("")}]`,
  ].join(" ");
}

function toPrintable(text: string, charsMax: number): string {
  return toLegalText(text, /[^\u0021-\u007e]/gu, charsMax);
}

/** Section 6.3.3. */
function toName(text: string): string {
  return toLegalText(text, /[^\u0021-\u007e]|[=\]"]/gu, 32);
}

const valueCharsMax = 1_024;

function toValue(text: string): string {
  return toOneLine(text.slice(0, valueCharsMax)).replaceAll(/["\\\]]/g, String.raw`\$&`);
}

/** Receivers cut messages at control characters, or write them as they like. */
function toOneLine(text: string): string {
  return text.toWellFormed().replaceAll(/\p{Cc}+/gu, " ");
}

const tagRules: TagRules = { toName, toValue, reserved: ["event", "partial", "backfill"] };

/** Of what is too long, the text gives way; its characters stay whole. */
function cut(head: string, text: string, bytesMax: number): string {
  const message = `${head} ${text}`;
  if (message.length * 3 <= bytesMax || Buffer.byteLength(message) <= bytesMax) {
    return message;
  }
  const room = Math.max(0, bytesMax - Buffer.byteLength(head) - 1);
  // A character that was cut in half comes out as U+FFFD.
  return `${head} ${Buffer.from(text)
    .subarray(0, room)
    .toString()
    .replace(/\ufffd$/, "")}`;
}
