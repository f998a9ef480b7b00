// Names the format of a log from its beginning.

import { type DetectedFormat, detectFormat } from "../format/detect-format.ts";
import { isFormatName, parseFormat } from "../format/parse-format.ts";
import { createSlowParser } from "../format/parse-line-slowly.ts";

/** So much of a file is looked at. */
export const headBytes = 256 * 1024;
const linesMax = 200;
const lineBytesMax = 16 * 1024;
/** A format that fits so many lines of the file before is not looked for again. */
const shareWanted = 0.9;

/** `likely`: the format of another file of the same kind. Undefined when nothing fits. */
export function detectLog(
  head: Uint8Array,
  {
    likely,
    isWhole = false,
  }: { readonly likely?: DetectedFormat | undefined; readonly isWhole?: boolean } = {},
): DetectedFormat | undefined {
  const lines = toLines(head, isWhole);
  if (likely !== undefined && shareOf(likely.format, lines) >= shareWanted) {
    return likely;
  }
  return detectFormat(lines)[0];
}

/** The other formats that fit as well, the likeliest first. */
export function detectLogs(head: Uint8Array, isWhole: boolean): readonly DetectedFormat[] {
  return detectFormat(toLines(head, isWhole));
}

/** Without the last line when it may be unfinished. */
function toLines(head: Uint8Array, isWhole: boolean): Uint8Array[] {
  const lines: Uint8Array[] = [];
  for (let at = 0; at < head.length && lines.length < linesMax;) {
    const found = head.indexOf(newline, at);
    if (found < 0 && !isWhole && lines.length > 0) {
      break;
    }
    const end = found < 0 ? head.length : found;
    lines.push(head.subarray(at, Math.min(end, at + lineBytesMax)));
    at = end + 1;
  }
  return lines;
}

const newline = 10;

function shareOf(text: string, lines: readonly Uint8Array[]): number {
  const { format } = parseFormat(text);
  if (format === undefined || !(isFormatName(text) || lines.length > 0)) {
    return 0;
  }
  const parser = createSlowParser(format);
  const kinds = lines.map((line) => parser.parse(line).kind).filter((kind) => kind !== "comment");
  return kinds.filter((kind) => kind === "entry").length / Math.max(1, kinds.length);
}

export interface LogHead {
  /** Decompressed. */
  readonly bytes: Uint8Array;
  /** There is no more. */
  readonly isWhole: boolean;
}

/** The beginning of a file. Rejects when it cannot be read, or with a sentence about the file. */
export async function readHead(path: string): Promise<LogHead> {
  const chunks: Uint8Array[] = [];
  let length = 0;
  const take = (bytes: Uint8Array): void => {
    chunks.push(bytes);
    length += bytes.length;
  };
  const { openBytes } = await import("./open-bytes.ts");
  const { createDecompressor, detectCompression, magicBytes } = await import("./decompress.ts");
  const source = openBytes(path);
  try {
    let decompressor: ReturnType<typeof createDecompressor> | undefined;
    for await (const chunk of source) {
      const found = detectCompression(chunk.subarray(0, magicBytes));
      decompressor ??= createDecompressor(typeof found === "string" ? found : "none", take);
      try {
        await decompressor.write(chunk);
      } catch (error) {
        // What came before the damage may be enough to tell the format.
        if (length === 0) {
          throw error;
        }
        break;
      }
      if (length >= headBytes) {
        return { bytes: Buffer.concat(chunks).subarray(0, headBytes), isWhole: false };
      }
    }
    return { bytes: Buffer.concat(chunks), isWhole: true };
  } finally {
    source.destroy();
  }
}
