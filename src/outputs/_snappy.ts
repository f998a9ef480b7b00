// Snappy's block format (github.com/google/snappy/blob/main/format_description.txt).
// Hot path: every byte of a remote-write request goes through here, some 200 MB a second, see bench/remote-write.ts.

const blockBytes = 65_536;
const hashBits = 14;
/** No match begins so close to the end of a block, so that four bytes can always be read. */
const marginBytes = 15;

/** Positions within a block by a hash of the four bytes there; what another block left is found to be no match. */
const table = new Uint16Array(2 ** hashBits);

export function compressSnappy(bytes: Uint8Array): Uint8Array<ArrayBuffer> {
  const out = new Uint8Array(32 + bytes.length + Math.ceil(bytes.length / 6));
  let end = writeLength(out, bytes.length);
  for (let start = 0; start < bytes.length; start += blockBytes) {
    end = writeBlock(bytes.subarray(start, start + blockBytes), out, end);
  }
  return out.slice(0, end);
}

/* oxlint-disable no-param-reassign -- `out` is what all of these write to; each returns where it ended. */

function writeLength(out: Uint8Array, length: number): number {
  let end = 0;
  let rest = length;
  for (; rest >= 0x80; rest >>>= 7) {
    out[end++] = (rest & 0x7f) | 0x80;
  }
  out[end++] = rest;
  return end;
}

function writeBlock(block: Uint8Array, out: Uint8Array, start: number): number {
  let end = start;
  let literalFrom = 0;
  const last = block.length - marginBytes;
  table.fill(0);
  // The more bytes in a row have no match, the fewer are looked at.
  for (let at = 1, misses = 32; at < last; at += misses++ >>> 5) {
    const word = wordAt(block, at);
    const slot = hashOf(word);
    const candidate = table[slot] ?? 0;
    table[slot] = at;
    if (wordAt(block, candidate) !== word) {
      continue;
    }
    end = writeLiteral(block.subarray(literalFrom, at), out, end);
    let matched = 4;
    while (at + matched < block.length && block[candidate + matched] === block[at + matched]) {
      matched++;
    }
    end = writeCopy(out, end, at - candidate, matched);
    at += matched - 1;
    literalFrom = at + 1;
    misses = 32;
    if (at < last) {
      table[hashOf(wordAt(block, at))] = at;
    }
  }
  return writeLiteral(block.subarray(literalFrom), out, end);
}

function wordAt(block: Uint8Array, at: number): number {
  return (
    (block[at] ?? 0) |
    ((block[at + 1] ?? 0) << 8) |
    ((block[at + 2] ?? 0) << 16) |
    ((block[at + 3] ?? 0) << 24)
  );
}

function hashOf(word: number): number {
  return Math.imul(word, 0x1e35_a7bd) >>> (32 - hashBits);
}

function writeLiteral(bytes: Uint8Array, out: Uint8Array, start: number): number {
  const last = bytes.length - 1;
  let end = start;
  if (last < 0) {
    return end;
  }
  if (last < 60) {
    out[end++] = last << 2;
  } else if (last < 256) {
    out[end++] = 60 << 2;
    out[end++] = last;
  } else {
    out[end++] = 61 << 2;
    out[end++] = last & 0xff;
    out[end++] = last >>> 8;
  }
  if (last < 32) {
    for (let i = 0; i <= last; i++) {
      out[end + i] = bytes[i] ?? 0;
    }
  } else {
    out.set(bytes, end);
  }
  return end + bytes.length;
}

function writeCopy(out: Uint8Array, start: number, offset: number, length: number): number {
  let end = start;
  let rest = length;
  // None of the pieces may be shorter than four bytes.
  while (rest > 64) {
    const piece = rest >= 68 ? 64 : 60;
    end = writeLongCopy(out, end, offset, piece);
    rest -= piece;
  }
  if (rest >= 12 || offset >= 2048) {
    return writeLongCopy(out, end, offset, rest);
  }
  out[end++] = ((offset >>> 8) << 5) | ((rest - 4) << 2) | 1;
  out[end++] = offset & 0xff;
  return end;
}

function writeLongCopy(out: Uint8Array, start: number, offset: number, length: number): number {
  let end = start;
  out[end++] = ((length - 1) << 2) | 2;
  out[end++] = offset & 0xff;
  out[end++] = offset >>> 8;
  return end;
}
