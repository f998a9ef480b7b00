// Turns the raw text of one value into fields, for the reference parser.

import type { Entry, FieldName } from "./fields.ts";
import type {
  EndpointValue,
  FailureReason,
  NumberValue,
  TargetValue,
  TextValue,
  TimeIs,
  Value,
} from "./line-format.ts";
import { isMissing, parseNumberValue, splitList } from "./parse-number-value.ts";
import { lastingFields, toLastingMs } from "./event-time.ts";
import { splitRequest, splitTarget } from "./split-request.ts";
import { type TimeComponents, toInstant } from "./read-time.ts";
import type { ZoneClock } from "./zone-clock.ts";

/** An entry that is being put together. */
export interface Draft {
  readonly values: Map<FieldName, string | number>;
  time: TimeComponents;
  timeIs: TimeIs;
  /** What an absolute target says; other sources of these fields win. */
  url: { readonly scheme: string | undefined; readonly host: string | undefined } | undefined;
}

export function createDraft(timeIs: TimeIs = "end"): Draft {
  return { values: new Map(), time: {}, timeIs, url: undefined };
}

/** How long after its time the request ended; 0 where nothing says it. */
export function lastingOf({ values, timeIs }: Draft, bound: ReadonlySet<FieldName>): number {
  const seconds = lastingFields(timeIs, bound).map((name) => values.get(name));
  return toLastingMs(seconds.map((value) => (typeof value === "number" ? value : undefined)));
}

/** The draft as an entry, or the reason why its parts are no whole. */
export function toEntry(draft: Draft, zone: ZoneClock, lastingMs = 0): Entry | FailureReason {
  const { values, time, url } = draft;
  if (Object.keys(time).length > 0) {
    const instant = toInstant(time, zone, lastingMs);
    if (instant === undefined) {
      return "bad_time";
    }
    values.set("time", instant);
  }
  for (const name of ["scheme", "host"] as const) {
    const fromUrl = url?.[name];
    if (fromUrl !== undefined && !values.has(name)) {
      values.set(name, fromUrl);
    }
  }
  // oxlint-disable-next-line typescript/no-unsafe-type-assertion -- values are set by their field's kind
  return Object.fromEntries(values) as Entry;
}

/** `raw` as it stands in the line, and how its escapes are undone. */
export interface RawText {
  readonly raw: string;
  readonly decode: (raw: string) => string;
}

/** Adds what a value says to the draft; returns why it cannot, or undefined. */
export function readValue(value: Value, text: RawText, draft: Draft): FailureReason | undefined {
  switch (value.type) {
    case "text":
      return readText(value, text, draft);
    case "target":
      return readTarget(value, text, draft);
    case "number":
      return readNumber(value, text.raw, draft);
    case "status":
      return readStatus(text.raw, draft);
    case "request":
      return readRequest(text, draft);
    case "endpoint":
      return readEndpoint(value, text, draft);
    case "skipped":
      return undefined;
  }
}

function readText(value: TextValue, { raw, decode }: RawText, draft: Draft): undefined {
  const elements = value.list === undefined ? [raw] : splitList(raw);
  const present = elements.filter((element) => !isMissing(element, value.missing));
  const last = present.at(-1);
  if (last !== undefined) {
    draft.values.set(value.field, decode(last));
  }
}

function readTarget(value: TargetValue, { raw, decode }: RawText, draft: Draft): undefined {
  const target =
    value.hasAppendedQuery && raw.endsWith("-") && !raw.includes("?") ? raw.slice(0, -1) : raw;
  if (!isMissing(target)) {
    setTarget(decode(target), draft);
  }
}

function readRequest({ raw, decode }: RawText, draft: Draft): undefined {
  const request = splitRequest(raw);
  if (request === undefined) {
    return;
  }
  draft.values.set("method", decode(request.method));
  if (request.protocol !== undefined) {
    draft.values.set("protocol", decode(request.protocol));
  }
  if (!isMissing(request.target)) {
    setTarget(decode(request.target), draft);
  }
}

function setTarget(decoded: string, draft: Draft): void {
  const { target, scheme, host } = splitTarget(decoded);
  draft.values.set("target", target);
  draft.url = { scheme, host };
}

function readStatus(raw: string, draft: Draft): FailureReason | undefined {
  if (isMissing(raw, ["-1"])) {
    return undefined;
  }
  if (!/^\d{1,3}$/.test(raw)) {
    return "bad_status";
  }
  draft.values.set("status", Number(raw));
  return undefined;
}

function readNumber(value: NumberValue, raw: string, draft: Draft): FailureReason | undefined {
  const amount = parseNumberValue(value, raw);
  if (amount === "bad_number") {
    return "bad_number";
  }
  if (amount !== undefined) {
    draft.values.set(value.field, amount);
  }
  return undefined;
}

function readEndpoint(value: EndpointValue, { raw, decode }: RawText, draft: Draft): undefined {
  const colon = raw.lastIndexOf(":");
  const port = raw.slice(colon + 1);
  const hasPort = colon >= 0 && /^(?:\d{1,15}|-)$/.test(port);
  const host = hasPort ? raw.slice(0, colon) : raw;
  if (value.host !== undefined && !isMissing(host)) {
    draft.values.set(value.host, decode(host));
  }
  if (value.port !== undefined && hasPort && !isMissing(port)) {
    draft.values.set(value.port, Number(port));
  }
}
