// Hot path: the pieces of a request line, over bytes, when they are as usual.

import { TextScan, type TextStops } from "./_text-scan.ts";

const space = 32;
const question = 63;
const slash = 47;
const methodBytesMax = 32;

/** Where a path ends. */
const pathStops: TextStops = { first: 0x3f3f_3f3f, second: 0x2020_2020, below: 0x2020_2020 };
const targetStops: TextStops = { first: 0x2020_2020, second: 0x2020_2020, below: 0x2020_2020 };

/** Where the path of a target ends: at its query, or where the target ends. */
export function findPathEnd(view: DataView, start: number, end: number): number {
  let at = start;
  for (; at + 4 <= end; at += 4) {
    const found = (view.getInt32(at, true) ^ 0x3f3f_3f3f) - 0x0101_0101;
    if ((found & 0x8080_8080) !== 0) {
      break;
    }
  }
  while (at < end && view.getUint8(at) !== question) {
    at++;
  }
  return at;
}

export class RequestCut {
  methodEnd = 0;
  targetStart = 0;
  /** With its hashes in `path`. */
  pathEnd = 0;
  targetEnd = 0;
  protocolStart = 0;
  readonly path = new TextScan();

  /** Whether bytes[start, end) are `METHOD /path?query HTTP/1.1` and nothing about it is odd. */
  cut(bytes: Uint8Array, view: DataView, start: number, end: number): boolean {
    let at = start;
    while (isLetter(bytes[at] ?? 0)) {
      at++;
    }
    this.methodEnd = at;
    this.targetStart = at + 1;
    if (
      at === start ||
      at - start > methodBytesMax ||
      bytes[at] !== space ||
      bytes[at + 1] !== slash
    ) {
      return false;
    }
    const found = this.path.read(view, at + 1, pathStops);
    const isPath = bytes[found] === space || bytes[found] === question;
    this.pathEnd = isPath ? found : this.#findOddEnd(view, bytes.indexOf(space, found));
    this.targetEnd =
      bytes[this.pathEnd] === question
        ? this.#findTargetEnd(bytes, view, this.pathEnd)
        : this.pathEnd;
    this.protocolStart = this.targetEnd + 1;
    return this.targetEnd > 0 && isProtocol(bytes, view, this.protocolStart, end);
  }

  /** Of a path with bytes above 127 in it, or control characters. */
  #findOddEnd(view: DataView, targetEnd: number): number {
    const end = targetEnd < 0 ? this.targetStart : findPathEnd(view, this.targetStart, targetEnd);
    this.path.hashText(view, this.targetStart, end);
    return end;
  }

  #findTargetEnd(bytes: Uint8Array, view: DataView, query: number): number {
    const found = this.path.skip(view, query, targetStops);
    return bytes[found] === space ? found : bytes.indexOf(space, found);
  }
}

/** `HTTP/` and more without a space, up to `end`. A method that runs behind it fails here, too. */
function isProtocol(bytes: Uint8Array, view: DataView, start: number, end: number): boolean {
  if (end - start < 6 || view.getInt32(start, true) !== 0x5054_5448 || bytes[start + 4] !== slash) {
    return false;
  }
  for (let at = start + 5; at < end; at++) {
    if (bytes[at] === space) {
      return false;
    }
  }
  return true;
}

function isLetter(byte: number): boolean {
  return (byte >= 65 && byte <= 90) || (byte >= 97 && byte <= 122);
}
