import { Hash64, hashSeed } from "../../core/distinct.ts";
import { keyCharsMax } from "../../core/top.ts";

const longHash = new Hash64(hashSeed);

/** A key that is too long for a table: its beginning and a hash of the whole. */
export function cutKey(key: string): string {
  if (key.length <= keyCharsMax) {
    return key;
  }
  longHash.ofText(key);
  const digits = [longHash.high, longHash.low].map((word) =>
    (word >>> 0).toString(16).padStart(8, "0"),
  );
  return `${key.slice(0, keyCharsMax - 17)}…${digits.join("")}`.toWellFormed();
}
