import type { LineSink } from "./line-feeder.ts";

export interface RecordingSink extends LineSink {
  /** As latin1, without line ends; `(too long)` for each that was. */
  readonly lines: string[];
}

/** Keeps the lines that a scanner would count, for tests. */
export function createRecordingSink(lineBytesMax: number): RecordingSink {
  const lines: string[] = [];
  const add = (bytes: Uint8Array): void => {
    const isLong = bytes.length > lineBytesMax;
    lines.push(isLong ? "(too long)" : Buffer.from(bytes).toString("latin1"));
  };
  return {
    lines,
    scan(bytes, start, end) {
      let at = start;
      for (let found = bytes.indexOf(10, at); found >= 0 && found < end;) {
        add(bytes.subarray(at, found));
        at = found + 1;
        found = bytes.indexOf(10, at);
      }
      return at;
    },
    scanRest: (bytes, start, end) => add(bytes.subarray(start, end)),
    addTooLong: () => void lines.push("(too long)"),
  };
}
