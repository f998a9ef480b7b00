// Hot path: the pieces of a request line and of a target, over bytes, when they are as usual.

const space = 32;
const question = 63;
const slash = 47;
const methodBytesMax = 32;

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
  targetEnd = 0;
  protocolStart = 0;

  /** Whether bytes[start, end) are `METHOD /path?query HTTP/1.1` and nothing about it is odd. */
  cut(bytes: Uint8Array, view: DataView, start: number, end: number): boolean {
    let at = start;
    while (at < end && isLetter(bytes[at] ?? 0)) {
      at++;
    }
    this.methodEnd = at;
    this.targetStart = at + 1;
    if (at === start || at - start > methodBytesMax || bytes[at] !== space || at >= end) {
      return false;
    }
    let last = end - 1;
    while (last > at && bytes[last] !== space) {
      last--;
    }
    this.targetEnd = last;
    this.protocolStart = last + 1;
    return (
      bytes[at + 1] === slash &&
      last > at + 1 &&
      bytes[last - 1] !== space &&
      end - last > 6 &&
      view.getInt32(last + 1, true) === 0x5054_5448 &&
      bytes[last + 5] === slash
    );
  }
}

function isLetter(byte: number): boolean {
  return (byte >= 65 && byte <= 90) || (byte >= 97 && byte <= 122);
}
