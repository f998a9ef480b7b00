// Hot path: JSON over bytes, checked but not decoded. Positions are behind what was read; -1 says that
// it is no JSON, or such that only the reference parser may decide.

import { jsonStops, TextScan } from "./_text-scan.ts";

const quote = 34;
const backslash = 92;
const comma = 44;
const colon = 58;
const depthMax = 40;

/** A number's digits: enough to say whether JavaScript would write it as it stands. */
export interface JsonNumber {
  whole: number;
  places: number;
  /** All digits in a row, as long as there are few. */
  digits: number;
  isNegative: boolean;
  hasExponent: boolean;
}

const scan = new TextScan();

/** Behind spaces, tabs and carriage returns. */
export function skipBlank(bytes: Uint8Array, at: number): number {
  let from = at;
  let byte = bytes[from];
  while (byte === 32 || byte === 9 || byte === 13) {
    from++;
    byte = bytes[from];
  }
  return from;
}

/** The closing quote of a string whose first byte is at `at`. */
export function skipString(bytes: Uint8Array, view: DataView, at: number): number {
  const end = scan.skip(view, at, jsonStops);
  return bytes[end] === quote ? end : skipOddString(bytes, end);
}

/** The same for a string with escapes and bytes above 127, from any place in it. */
export function skipOddString(bytes: Uint8Array, at: number): number {
  let from = at;
  for (;;) {
    const byte = bytes[from] ?? 0;
    if (byte === quote) {
      return from;
    }
    if (byte < 32) {
      return -1;
    }
    const length = byte === backslash ? escapeLength(bytes, from) : 1;
    if (length === 0) {
      return -1;
    }
    from += length;
  }
}

/** `\xHH`, which nginx writes, is as good as `\u00HH`. */
function escapeLength(bytes: Uint8Array, at: number): number {
  switch (bytes[at + 1] ?? 0) {
    case 34:
    case 47:
    case 92:
    case 98:
    case 102:
    case 110:
    case 114:
    case 116:
      return 2;
    case 117:
      return isHex(bytes, at + 2) && isHex(bytes, at + 4) ? 6 : 0;
    case 120:
      return isHex(bytes, at + 2) ? 4 : 0;
    default:
      return 0;
  }
}

/** Two digits. */
function isHex(bytes: Uint8Array, at: number): boolean {
  return isHexDigit(bytes[at] ?? 0) && isHexDigit(bytes[at + 1] ?? 0);
}

function isHexDigit(byte: number): boolean {
  return (byte >= 48 && byte <= 57) || ((byte | 32) >= 97 && (byte | 32) <= 102);
}

/** Behind any value that starts at `at`. */
export function skipValue(bytes: Uint8Array, view: DataView, at: number, depth = 0): number {
  switch (bytes[at] ?? 0) {
    case quote:
      return behind(skipString(bytes, view, at + 1), 1);
    case 123:
      return skipObject(bytes, view, at + 1, depth + 1);
    case 91:
      return skipArray(bytes, view, at + 1, depth + 1);
    case 116:
    case 102:
    case 110:
      return skipWord(view, at);
    default:
      return skipNumber(bytes, at);
  }
}

function skipObject(bytes: Uint8Array, view: DataView, start: number, depth: number): number {
  let at = skipBlank(bytes, start);
  if (bytes[at] === 125 || depth >= depthMax) {
    return bytes[at] === 125 ? at + 1 : -1;
  }
  while (bytes[at] === quote) {
    const end = skipString(bytes, view, at + 1);
    at = end < 0 ? -1 : skipBlank(bytes, end + 1);
    if (at < 0 || bytes[at] !== colon) {
      return -1;
    }
    at = skipValue(bytes, view, skipBlank(bytes, at + 1), depth);
    at = at < 0 ? -1 : skipBlank(bytes, at);
    if (at < 0 || bytes[at] !== comma) {
      return at >= 0 && bytes[at] === 125 ? at + 1 : -1;
    }
    at = skipBlank(bytes, at + 1);
  }
  return -1;
}

function skipArray(bytes: Uint8Array, view: DataView, start: number, depth: number): number {
  const at = skipBlank(bytes, start);
  return bytes[at] === 93 ? at + 1 : skipElements(bytes, view, at, depth);
}

/** Behind the array whose next element is at `start`. */
export function skipElements(
  bytes: Uint8Array,
  view: DataView,
  start: number,
  depth: number,
): number {
  let at = depth < depthMax ? start : -1;
  while (at >= 0) {
    at = skipValue(bytes, view, at, depth);
    at = at < 0 ? -1 : skipBlank(bytes, at);
    if (at < 0 || bytes[at] !== comma) {
      return at >= 0 && bytes[at] === 93 ? at + 1 : -1;
    }
    at = skipBlank(bytes, at + 1);
  }
  return -1;
}

/** `true`, `false` and `null`. */
export function skipWord(view: DataView, at: number): number {
  const word = view.getInt32(at, true);
  if (word === 0x6575_7274 || word === 0x6c6c_756e) {
    return at + 4;
  }
  return word === 0x736c_6166 && view.getUint8(at + 4) === 101 ? at + 5 : -1;
}

function skipNumber(bytes: Uint8Array, at: number): number {
  return readNumber(bytes, at, skipped);
}

const skipped: JsonNumber = {
  whole: 0,
  places: 0,
  digits: 0,
  isNegative: false,
  hasExponent: false,
};

/** Behind a number, with what it is in `into`. */
export function readNumber(bytes: Uint8Array, start: number, into: JsonNumber): number {
  let at = start;
  into.isNegative = bytes[at] === 45;
  at += into.isNegative ? 1 : 0;
  const from = at;
  let digits = 0;
  let byte = bytes[at] ?? 0;
  while (byte >= 48 && byte <= 57) {
    digits = digits * 10 + byte - 48;
    at++;
    byte = bytes[at] ?? 0;
  }
  into.whole = at - from;
  if (into.whole === 0 || (into.whole > 1 && bytes[from] === 48)) {
    return -1;
  }
  into.places = 0;
  if (byte === 46) {
    const point = at;
    at++;
    byte = bytes[at] ?? 0;
    while (byte >= 48 && byte <= 57) {
      digits = digits * 10 + byte - 48;
      at++;
      byte = bytes[at] ?? 0;
    }
    into.places = at - point - 1;
    if (into.places === 0) {
      return -1;
    }
  }
  into.digits = digits;
  into.hasExponent = (byte | 32) === 101;
  return into.hasExponent ? skipExponent(bytes, at + 1) : at;
}

function skipExponent(bytes: Uint8Array, start: number): number {
  const sign = bytes[start] ?? 0;
  const from = sign === 43 || sign === 45 ? start + 1 : start;
  let at = from;
  while ((bytes[at] ?? 0) >= 48 && (bytes[at] ?? 0) <= 57) {
    at++;
  }
  return at === from ? -1 : at;
}

function behind(end: number, by: number): number {
  return end < 0 ? -1 : end + by;
}
