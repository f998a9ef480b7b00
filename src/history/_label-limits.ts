import { createHash } from "node:crypto";

/** Longer names and values are cut. */
export const labelBytesMax = 1024;

const hashChars = 16;

/** As the text is stored: at most 1 KiB of UTF-8, where a longer one ends in "…" and 16 digits of its SHA-256. */
export function toLimited(text: string): string {
  // A character is at most 3 bytes of UTF-8 for each unit of UTF-16.
  if (text.length * 3 <= labelBytesMax) {
    return text.isWellFormed() ? text : text.toWellFormed();
  }
  const bytes = Buffer.from(text);
  if (bytes.length <= labelBytesMax) {
    return text.toWellFormed();
  }
  const hash = createHash("sha256").update(bytes).digest("hex").slice(0, hashChars);
  const kept = bytes.subarray(0, labelBytesMax - hashChars - 3).toString();
  return `${kept.replace(/\uFFFD+$/u, "")}…${hash}`;
}
