// A strict reader of Snappy's block format (github.com/google/snappy/blob/main/format_description.txt).
import assert from "node:assert/strict";

/** Throws AssertionError for what is not in that format. */
export function decompressSnappy(bytes: Uint8Array): Uint8Array {
  let at = 0;
  const next = (): number => {
    const byte = bytes[at++];
    assert.ok(byte !== undefined, "it ends too early");
    return byte;
  };
  const little = (count: number): number => {
    let value = 0;
    for (let i = 0; i < count; i++) {
      value += next() * 256 ** i;
    }
    return value;
  };
  let length = 0;
  for (let shift = 0; ; shift += 7) {
    const byte = next();
    length += (byte & 0x7f) * 2 ** shift;
    if (byte < 0x80) {
      break;
    }
  }
  const out = new Uint8Array(length);
  let end = 0;
  const copy = (offset: number, count: number): void => {
    assert.ok(offset > 0 && offset <= end && end + count <= length, `copy ${count} from ${offset}`);
    for (let i = 0; i < count; i++, end++) {
      out[end] = out[end - offset] ?? 0;
    }
  };
  while (at < bytes.length) {
    const tag = next();
    const upper = tag >>> 2;
    if ((tag & 3) === 0) {
      const count = (upper < 60 ? upper : little(upper - 59)) + 1;
      assert.ok(at + count <= bytes.length && end + count <= length, `literal of ${count}`);
      out.set(bytes.subarray(at, at + count), end);
      at += count;
      end += count;
    } else if ((tag & 3) === 1) {
      copy((tag >>> 5) * 256 + next(), (upper & 7) + 4);
    } else {
      copy(little((tag & 3) === 2 ? 2 : 4), upper + 1);
    }
  }
  assert.equal(end, length, "as long as it says");
  return out;
}
