// Apache's and nginx's "common" and "combined" formats, scanned byte by byte: no regular expression
// sees a whole line. Hot path: once a line, with positions instead of substrings until a value is
// known to be wanted.
import type { LineParser, LogEntry } from "./log-entry.ts";
import { LogTime, logTimeBytes } from "./log-time.ts";

export interface CombinedFormat {
  /** `combined` has the quoted referrer and user agent behind the fields of `common`. */
  readonly name: "common" | "combined";
  /**
   * What a number behind the last field is divided by to get seconds: 1 for nginx's
   * `$request_time`.
   */
  readonly durationDivisor: number;
}

const space = 0x20;
const quote = 0x22;
const minus = 0x2d;
const dot = 0x2e;
const question = 0x3f;
const openBracket = 0x5b;
const backslash = 0x5c;
const closeBracket = 0x5d;

/** Longer clients and targets are cut: they are keys of bounded tables. */
const keyBytesMax = 256;
const methodBytesMax = 32;

/**
 * `client ident user [time] "request" status bytes`, then `"referrer" "agent"` when combined, then
 * perhaps a duration; whatever follows is not looked at. The user may contain spaces and brackets,
 * quoted fields contain backslash escapes, and a request line that is none (`"-"`, TLS bytes)
 * leaves the entry without a target.
 */
export function createCombinedParser(format: CombinedFormat): LineParser {
  const time = new LogTime();
  const quotedFields = format.name === "combined" ? 2 : 0;
  return {
    parse(bytes, from, to, entry) {
      const clientEnd = indexOfByte(bytes, space, { from, to });
      if (clientEnd <= from) {
        return false;
      }
      const requestFrom = findRequest(bytes, { from: clientEnd, to }, time, entry);
      const requestTo = requestFrom < 0 ? -1 : findRequestEnd(bytes, requestFrom, to);
      if (requestTo < 0) {
        return false;
      }
      const statusAt = requestTo + 2;
      let at = parseSize(bytes, statusAt + 4, to, entry);
      for (let rest = quotedFields; rest > 0 && at >= 0; rest--) {
        at = skipQuoted(bytes, at, to);
      }
      if (at < 0) {
        return false;
      }
      entry.status =
        digit(bytes, statusAt) * 100 + digit(bytes, statusAt + 1) * 10 + digit(bytes, statusAt + 2);
      entry.durationSeconds = parseDecimal(bytes, at + 1, to) / format.durationDivisor;
      entry.client = toKey(bytes, from, clientEnd);
      entry.target = parseTarget(bytes, requestFrom, requestTo);
      return true;
    },
  };
}

interface Range {
  readonly from: number;
  readonly to: number;
}

/**
 * Behind the opening quote that follows the first ` [time]`; sets the entry's time. -1 when there
 * is none.
 */
function findRequest(bytes: Buffer, { from, to }: Range, time: LogTime, entry: LogEntry): number {
  const last = to - logTimeBytes - 4;
  for (let at = from; at <= last; at++) {
    if (
      bytes[at] === space &&
      bytes[at + 1] === openBracket &&
      bytes[at + 2 + logTimeBytes] === closeBracket
    ) {
      entry.timeMs = time.parse(bytes, at + 2);
      if (!Number.isNaN(entry.timeMs)) {
        const behind = at + 3 + logTimeBytes;
        return bytes[behind] === space && bytes[behind + 1] === quote ? behind + 2 : -1;
      }
    }
  }
  return -1;
}

/**
 * The closing quote is the first unescaped one that a status follows: a server may leave quotes as
 * they are.
 */
function findRequestEnd(bytes: Buffer, from: number, to: number): number {
  for (let at = from; at + 5 < to; at++) {
    if (bytes[at] === backslash) {
      at++;
    } else if (
      bytes[at] === quote &&
      bytes[at + 1] === space &&
      isDigit(bytes[at + 2]) &&
      isDigit(bytes[at + 3]) &&
      isDigit(bytes[at + 4]) &&
      bytes[at + 5] === space
    ) {
      return at;
    }
  }
  return -1;
}

/** Digits or `-`; returns the position behind them, or -1. */
function parseSize(bytes: Buffer, from: number, to: number, entry: LogEntry): number {
  entry.sizeBytes = 0;
  if (from < to && bytes[from] === minus) {
    return isFieldEnd(bytes, from + 1, to) ? from + 1 : -1;
  }
  let at = from;
  while (at < to && isDigit(bytes[at])) {
    entry.sizeBytes = entry.sizeBytes * 10 + digit(bytes, at);
    at++;
  }
  return at > from && at - from < 16 && isFieldEnd(bytes, at, to) ? at : -1;
}

/** From the space before a quoted field to behind its closing quote, or -1. */
function skipQuoted(bytes: Buffer, from: number, to: number): number {
  if (from + 2 >= to || bytes[from + 1] !== quote) {
    return -1;
  }
  for (let at = from + 2; at < to; at++) {
    if (bytes[at] === backslash) {
      at++;
    } else if (bytes[at] === quote && isFieldEnd(bytes, at + 1, to)) {
      return at + 1;
    }
  }
  return -1;
}

/** Digits with at most one point, up to a space or the end of the line; NaN for anything else. */
function parseDecimal(bytes: Buffer, from: number, to: number): number {
  let value = 0;
  let places = -1;
  let at = from;
  for (; at < to && bytes[at] !== space; at++) {
    if (bytes[at] === dot && places < 0) {
      places = 0;
    } else if (isDigit(bytes[at])) {
      value = value * 10 + digit(bytes, at);
      places += places < 0 ? 0 : 1;
    } else {
      return Number.NaN;
    }
  }
  const digits = at - from - (places < 0 ? 0 : 1);
  return digits < 1 || digits > 15 ? Number.NaN : value / 10 ** Math.max(0, places);
}

/**
 * The target of `METHOD target HTTP/1.1`, which itself may contain spaces; the protocol may be
 * missing.
 */
function parseTarget(bytes: Buffer, from: number, to: number): string | undefined {
  const methodEnd = indexOfByte(bytes, space, { from, to });
  if (methodEnd <= from || methodEnd - from > methodBytesMax || methodEnd + 1 >= to) {
    return undefined;
  }
  for (let at = from; at < methodEnd; at++) {
    if (!isMethodByte(bytes[at] ?? 0)) {
      return undefined;
    }
  }
  let end = to;
  const lastSpace = lastIndexOfByte(bytes, space, { from: methodEnd + 1, to });
  if (lastSpace > methodEnd + 1 && isProtocol(bytes, lastSpace + 1, to)) {
    end = lastSpace;
  }
  const queryAt = indexOfByte(bytes, question, { from: methodEnd + 1, to: end });
  return toKey(bytes, methodEnd + 1, queryAt < 0 ? end : queryAt);
}

function toKey(bytes: Buffer, from: number, to: number): string {
  return bytes.toString("utf8", from, Math.min(to, from + keyBytesMax));
}

function indexOfByte(bytes: Buffer, byte: number, { from, to }: Range): number {
  for (let at = from; at < to; at++) {
    if (bytes[at] === byte) {
      return at;
    }
  }
  return -1;
}

function lastIndexOfByte(bytes: Buffer, byte: number, { from, to }: Range): number {
  for (let at = to - 1; at >= from; at--) {
    if (bytes[at] === byte) {
      return at;
    }
  }
  return -1;
}

function isFieldEnd(bytes: Buffer, at: number, to: number): boolean {
  return at === to || bytes[at] === space;
}

function isDigit(byte: number | undefined): boolean {
  return byte !== undefined && byte >= 0x30 && byte <= 0x39;
}

function digit(bytes: Buffer, at: number): number {
  return (bytes[at] ?? 0x30) - 0x30;
}

/**
 * Letters, `-` and `_`: narrower than a token of RFC 9110, wide enough for every registered method.
 */
function isMethodByte(byte: number): boolean {
  const letter = byte | 0x20;
  return (letter >= 0x61 && letter <= 0x7a) || byte === minus || byte === 0x5f;
}

/** `HTTP/` and something. */
function isProtocol(bytes: Buffer, from: number, to: number): boolean {
  return to - from > 5 && bytes.toString("latin1", from, from + 5) === "HTTP/";
}
