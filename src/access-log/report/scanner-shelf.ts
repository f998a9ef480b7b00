import { parseFormat } from "../format/parse-format.ts";
import { parseSourceFormat } from "../parse-source-format.ts";
import { createReportScanner, type ReportScanner } from "./create-report-scanner.ts";
import { reportLimits, type ScanRequest } from "./scan-request.ts";

export type TakenScanner =
  | { readonly scanner: ReportScanner; readonly problem?: never }
  | { readonly scanner?: never; readonly problem: string };

/** A worker's scanners, one for each format, to be used again for the next piece. */
export interface ScannerShelf {
  /** A scanner that has seen nothing yet. Valid until it is taken again. */
  take(format: string): TakenScanner;
}

export function createScannerShelf(request: ScanRequest): ScannerShelf {
  const scanners = new Map<string, ReportScanner>();
  return {
    take(text) {
      const known = scanners.get(text);
      if (known !== undefined) {
        known.restart();
        return { scanner: known };
      }
      const made = create(text, request);
      if (made.scanner !== undefined) {
        scanners.set(text, made.scanner);
      }
      return made;
    },
  };
}

function create(
  text: string,
  { spec, formatOptions, isFormatGiven, ...range }: ScanRequest,
): TakenScanner {
  const parse = isFormatGiven ? parseSourceFormat : parseFormat;
  const { format, fallback, problem } = { fallback: undefined, ...parse(text, formatOptions) };
  if (format === undefined) {
    return { problem: problem ?? "cannot be read" };
  }
  const whole = { ...spec, format, limits: reportLimits };
  return {
    scanner: createReportScanner(fallback === undefined ? whole : { ...whole, fallback }, range),
  };
}
