// How the lines of a log are laid out: what every mini-language is parsed into, and what both the
// reference parser (parse-line-slowly.ts) and a scanner compiled for speed read. These comments are
// the definition; where the two readers differ, one of them is wrong.

import type { FieldName, NumberName, TextName } from "./fields.ts";
import type { TimeLayout } from "./time-layout.ts";

export type LineFormat = PositionalFormat | KeyedFormat | HeaderFormat | PatternFormat;

/**
 * Whether the time of a line is when the request came, when its connection was accepted or fell idle
 * (HAProxy's `%t`), or when it was answered and logged. See event-time.ts for what follows from it.
 */
export type TimeIs = "start" | "accept" | "end";

/**
 * Values between fixed texts, read from left to right in one pass, never looking back. A line is
 * bytes; it has no line end, and a carriage return at its end does not belong to it.
 *
 * The parts take the line in turn. When a part cannot, the line has failed, with the reason that
 * the part gives; what was left of it decides, not what is right of it. Behind the last part the
 * line must end (`wrong_layout` otherwise), unless `rest` says so.
 *
 * Each field is bound by at most one part; other parts that hold it have a skipped value.
 */
export interface PositionalFormat {
  readonly layout: "positional";
  /** Never two values side by side, unless the first is a time. */
  readonly parts: readonly Part[];
  readonly timeIs: TimeIs;
  /** `ignored`: a space and anything may follow the last part. */
  readonly rest: "none" | "ignored";
  /**
   * The server cuts long lines (HAProxy): a line may end inside the value before the last literal,
   * which then is missing.
   */
  readonly mayBeCut: boolean;
  /** A syslog header may stand in front of the first part; see syslogHeaderLength. */
  readonly mayHaveSyslogHeader: boolean;
}

export type Part = LiteralPart | ValuePart | TimePart | OptionalPart;

/** Stands there, byte for byte (UTF-8), or the line fails with `wrong_layout`. */
export interface LiteralPart {
  readonly kind: "literal";
  readonly text: string;
}

/**
 * Bytes whose end is found before they are interpreted. Where the value ends:
 *
 * - When it is the last part: at the end of the line; with `rest: "ignored"` at the next space, if
 *   there is one.
 * - Otherwise a literal L follows, and the value ends at the first occurrence of L at or behind the
 *   value's start that counts. None: `wrong_layout`. An occurrence counts when what is behind it
 *   can begin the next part:
 *   - no part follows L: the line ends there (with `rest: "ignored"`: or a space follows),
 *   - a value that begins with a `number`: one of `0-9 + - .`,
 *   - a time whose layout starts with digits (isDigitsFirst): a digit,
 *   - any other part: anything, also the end of the line.
 *   That is how a user `Ann [the boss]`, a path with raw quotes and a `"` in an agent are read.
 * - While looking for L, with `escape: "backslash"` and an L that starts with `"`: a backslash and
 *   the byte behind it are stepped over, so that L does not begin in either.
 * - While looking for L, with `isList`: the separators `, ` and ` : ` are stepped over as wholes.
 * - `quotes: "optional"` (W3C): when the first byte is `"`, the value is what follows up to the next
 *   `"` that is not doubled, L has to stand behind that, and `""` inside means `"`. None:
 *   `wrong_layout`. Otherwise as above.
 */
export interface ValuePart {
  readonly kind: "value";
  readonly value: Value;
  readonly escape: Escape;
  readonly begins: "number" | "any";
  readonly isList: boolean;
  readonly quotes: "none" | "optional";
}

/**
 * How bytes that would hurt were written; decodeText undoes it.
 * `backslash`: `\"`, `\\`, `\n`, `\xHH`, `\uHHHH` (Apache, nginx default and json, Tomcat, Varnish).
 * `hash`: `#HH` (HAProxy). `plus`: `+` for a space (IIS). `none`: as it came.
 */
export type Escape = "none" | "backslash" | "hash" | "plus";

/**
 * A time, or a part of one, that takes as many bytes as its layout does; when it does not fit, the
 * line fails with `bad_time`. The parts of a line together make its instant: a component comes from
 * the first used part that has it. `bad_time` also when together they are no date.
 */
export interface TimePart {
  readonly kind: "time";
  readonly layout: TimeLayout;
  /** False: read over, such as a second time. */
  readonly isUsed: boolean;
}

/**
 * A group that is there when the line goes on with `open` and `close` is found behind it: then it
 * takes both and what is between them (HAProxy's `{a|b} `). Otherwise it takes nothing.
 */
export interface OptionalPart {
  readonly kind: "optional";
  readonly open: string;
  readonly close: string;
  readonly value: Value;
  readonly escape: Escape;
}

/**
 * What the bytes of a value mean. For all but requests and skipped ones, an empty value and `-`
 * are missing: the field is absent.
 */
export type Value =
  | TextValue
  | TargetValue
  | NumberValue
  | StatusValue
  | RequestValue
  | EndpointValue
  | SkippedValue;

export interface TextValue {
  readonly type: "text";
  readonly field: TextName;
  /** More that means missing, as it is in the line: `<NOSRV>`, `""`. */
  readonly missing?: readonly string[];
  /** The last element that is not missing, of a list with `, ` and ` : ` between its elements. */
  readonly list?: "last";
}

/**
 * The target alone. An absolute one (`http://host/path`) is cut to its path, which is `/` when it
 * is empty, and gives `scheme` and `host` where the line has no others.
 */
export interface TargetValue {
  readonly type: "target";
  /** Path and query were written side by side, and servers write `-` for no query: `/path-`. */
  readonly hasAppendedQuery: boolean;
}

/**
 * Digits, perhaps with `+` in front (dropped) and a point; JSON's exponents too. `bad_number` for
 * anything else, negative ones included, and for a fraction in a field of whole numbers (isWhole).
 * With at most 15 digits and no exponent the result is digits ÷ (10^places × divisor), one division
 * of integers; otherwise Number(text) ÷ divisor.
 */
export interface NumberValue {
  readonly type: "number";
  readonly field: NumberName;
  /** What one of the field's units is in the log: 1000 for a duration in milliseconds. */
  readonly divisor: number;
  /** More that means missing: HAProxy's `-1`. */
  readonly missing?: readonly string[];
  /** What a missing one counts as: Apache writes `-` for no bytes. */
  readonly whenMissing?: number;
  /**
   * Elements with `, ` and ` : ` between them; missing ones are left out. `sum` adds them up from
   * the left, `last` is the last of them.
   */
  readonly list?: "sum" | "last";
  /** A unit may stand behind the number and replaces the divisor: `1.5ms`, `2m3s` (Go). */
  readonly mayHaveUnit?: boolean;
}

/** One to three digits, into `status`; `bad_status` for anything else but missing and `-1`. */
export interface StatusValue {
  readonly type: "status";
}

/**
 * `METHOD target PROTOCOL`, into `method`, `target` and `protocol`; see splitRequest. Never fails:
 * of a request that is none (a TLS hello, `GET`, `-`, nothing, `<BADREQ>`) nothing is known, and
 * the line counts by its other fields.
 */
export interface RequestValue {
  readonly type: "request";
}

/**
 * `address:port` with no space in it, parted at its last colon, so that IPv6 addresses stay whole
 * (HAProxy's `::1:54321`, `unix:1`). A port that is no number, and a value without a colon, are an
 * address alone.
 */
export interface EndpointValue {
  readonly type: "endpoint";
  /** Undefined: not wanted. */
  readonly host: TextName | undefined;
  readonly port: NumberName | undefined;
}

/** Not looked at: it only has an end. */
export interface SkippedValue {
  readonly type: "skipped";
}

/**
 * Named values in any order. Bindings are taken in their order; one whose key is absent or missing
 * is passed over, and so is one whose field (a time counts as a field) already has a value.
 *
 * `json`: the line is one object, else `bad_json`; in strings `\xHH` is taken as `\u00HH` (nginx
 * without `escape=json`). Numbers, strings and booleans are texts; null is missing; an array stands
 * for its first element; of equal keys the last counts.
 * `ltsv`: `label:value` with tabs between, else `wrong_layout`. `logfmt`: `key=value` or
 * `key="va\"lue"` with spaces between, a lone key is `true`; a quote without an end is
 * `wrong_layout`, as is a line in which no binding finds its key.
 */
export interface KeyedFormat {
  readonly layout: "keyed";
  readonly syntax: "json" | "ltsv" | "logfmt";
  readonly keys: readonly KeyBinding[];
  readonly timeIs: TimeIs;
}

export interface KeyBinding {
  /** Keys from the outside in; one long except for json. */
  readonly path: readonly string[];
  readonly value: Value | TimeValue;
}

/** The first layout that takes the whole text gives the time; `bad_time` when none does. */
export interface TimeValue {
  readonly type: "time";
  /** Where this key differs from its format. */
  readonly timeIs?: TimeIs;
  readonly layouts: readonly TimeLayout[];
}

/**
 * W3C extended logs and IIS: lines that start with `#` are comments, and `#Fields`, `#Date` and
 * `#Software` among them say how the lines behind them are laid out; see w3c-format.ts. A line
 * before any `#Fields` fails with `no_header`. What the header said has to survive with the
 * position in a file: LogHeader.
 */
export interface HeaderFormat {
  readonly layout: "header";
  /** Holds until the file says otherwise. */
  readonly initial: LogHeader;
  /** Of `time-taken`; `auto` is milliseconds for Microsoft's software, else seconds. */
  readonly durationUnit: "auto" | "s" | "ms" | "us";
}

/** What the directives of a W3C log have said so far. Plain JSON, for checkpoints. */
export interface LogHeader {
  /** Behind `#Fields:`; undefined before the first. */
  readonly fields: string | undefined;
  /** Behind `#Date:`: the day of lines that have only a time. */
  readonly date: string | undefined;
  readonly software: string | undefined;
}

/**
 * A user's regular expression, matched once against the line as text (UTF-8, U+FFFD for what is
 * none); `wrong_layout` when it does not. A group that took no part is absent.
 */
export interface PatternFormat {
  readonly layout: "pattern";
  readonly pattern: RegExp;
  readonly groups: readonly GroupBinding[];
  readonly timeIs: TimeIs;
}

export interface GroupBinding {
  readonly group: string;
  readonly value: Value | TimeValue;
}

/**
 * Why a line is not an entry. `empty_line`: nothing, or spaces. `wrong_layout`: a literal is not
 * where it has to be. `bad_json`: not one JSON object. `no_header`: W3C without `#Fields` so far.
 */
export type FailureReason =
  | "empty_line"
  | "wrong_layout"
  | "bad_time"
  | "bad_status"
  | "bad_number"
  | "bad_json"
  | "no_header";

/** Every reason, for tables that count them. */
export const failureReasons: readonly FailureReason[] = [
  "empty_line",
  "wrong_layout",
  "bad_time",
  "bad_status",
  "bad_number",
  "bad_json",
  "no_header",
];

/**
 * A format that finds the same lines sound in their layout but looks only at the given fields:
 * parts for others are skipped, so that their contents can no longer fail a line. A scanner for a
 * few fields and the reference parser are compared on this. Header formats stay as they are: apply
 * it to what fromHeader makes of them.
 */
export function keepFields(format: LineFormat, wanted: ReadonlySet<FieldName>): LineFormat {
  const isWanted = (value: Value | TimeValue): boolean =>
    fieldsOf(value).some((name) => wanted.has(name));
  switch (format.layout) {
    case "positional":
      return { ...format, parts: format.parts.map((part) => keepPart(part, isWanted)) };
    case "keyed":
      return { ...format, keys: format.keys.filter(({ value }) => isWanted(value)) };
    case "pattern":
      return { ...format, groups: format.groups.filter(({ value }) => isWanted(value)) };
    case "header":
      return format;
  }
}

const time: TimeValue = { type: "time", layouts: [] };

function keepPart(part: Part, isWanted: (value: Value | TimeValue) => boolean): Part {
  switch (part.kind) {
    case "literal":
      return part;
    case "time":
      return { ...part, isUsed: part.isUsed && isWanted(time) };
    case "value":
    case "optional":
      return isWanted(part.value) ? part : { ...part, value: { type: "skipped" } };
  }
}

/** The fields that a value can give. */
export function fieldsOf(value: Value | TimeValue): readonly FieldName[] {
  switch (value.type) {
    case "text":
    case "number":
      return [value.field];
    case "target":
      return ["target", "scheme", "host"];
    case "status":
      return ["status"];
    case "request":
      return ["method", "target", "protocol", "scheme", "host"];
    case "endpoint":
      return [value.host, value.port].filter((name) => name !== undefined);
    case "time":
      return ["time"];
    case "skipped":
      return [];
  }
}

/** The fields that lines of a format can have; of a header format, what is known without a file. */
export function boundFields(format: LineFormat): ReadonlySet<FieldName> {
  switch (format.layout) {
    case "positional":
      return new Set(format.parts.flatMap(partFields));
    case "keyed":
      return new Set(format.keys.flatMap(({ value }) => fieldsOf(value)));
    case "pattern":
      return new Set(format.groups.flatMap(({ value }) => fieldsOf(value)));
    case "header":
      return new Set();
  }
}

function partFields(part: Part): readonly FieldName[] {
  switch (part.kind) {
    case "literal":
      return [];
    case "time":
      return part.isUsed ? ["time"] : [];
    case "value":
    case "optional":
      return fieldsOf(part.value);
  }
}
