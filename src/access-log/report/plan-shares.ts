// How the work is cut. It depends on the files alone, not on the machine, so that the same files
// give the same report everywhere.

import type { Piece, Share } from "./scan-request.ts";

export interface LogFile {
  readonly file: number;
  readonly path: string;
  /** As it is on the disk; undefined for what has none, such as a pipe. */
  readonly sizeBytes: number | undefined;
  /** Whether it can be read from anywhere: plain, and without a header that lines depend on. */
  readonly isDivisible: boolean;
  readonly isCompressed: boolean;
  readonly format: string | undefined;
}

/** Smaller ranges are not worth a result of their own, nor a file of that size a second worker. */
export const rangeBytesMin = 256 * 1024 * 1024;
/** Results to merge, about. */
const sharesMax = 48;
/** Logs become about so much smaller. */
const compressionRatio = 8;

/** Every file in one piece or several, in their order; small ones together in one share. */
export function planShares(
  files: readonly LogFile[],
  rangeMin: number = rangeBytesMin,
): readonly Share[] {
  const total = files.reduce((sum, file) => sum + weightOf(file), 0);
  const weightMax = Math.max(rangeMin, Math.ceil(total / sharesMax));
  const shares: Piece[][] = [];
  let room = 0;
  for (const file of files) {
    for (const { piece, weight } of toPieces(file, weightMax)) {
      const last = shares.at(-1);
      if (last !== undefined && weight <= room) {
        last.push(piece);
        room -= weight;
      } else {
        shares.push([piece]);
        room = weightMax - weight;
      }
    }
  }
  return shares.map((pieces) => ({ pieces }));
}

function weightOf({ sizeBytes = 0, isCompressed }: LogFile): number {
  return isCompressed ? sizeBytes * compressionRatio : sizeBytes;
}

function toPieces(
  logFile: LogFile,
  rangeBytes: number,
): { readonly piece: Piece; readonly weight: number }[] {
  const { file, path, sizeBytes, isDivisible, isCompressed, format } = logFile;
  if (sizeBytes === undefined || isCompressed) {
    const weight = sizeBytes === undefined ? rangeBytes : weightOf(logFile);
    return [{ piece: { file, path, range: undefined, format }, weight }];
  }
  const count = isDivisible ? toEven(Math.ceil(sizeBytes / rangeBytes)) : 1;
  return Array.from({ length: count }, (_, at) => {
    const from = Math.floor((sizeBytes * at) / count);
    const to = Math.floor((sizeBytes * (at + 1)) / count);
    return { piece: { file, path, range: { from, to }, format }, weight: to - from };
  });
}

/** So that two cores are done at the same time; 1 stays. */
function toEven(count: number): number {
  return count <= 1 ? 1 : count + (count % 2);
}
