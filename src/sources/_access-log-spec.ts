// From the options of an access log to what a scan of it needs.
import { parseSourceFormat } from "../access-log/parse-source-format.ts";
import type { MetricSpec, ScanSpec } from "../access-log/scan/log-scanner.ts";
import { type LineOptions, toScanSettings } from "../access-log/to-scan-settings.ts";

/** At up to 11 bytes each, a sample of so many stays below the 512 KiB that a batch may have. */
const exactDurationsMax = 40_000;

export interface SpecOptions extends LineOptions {
  readonly format: string;
  readonly durationUnit?: "s" | "ms" | "us" | undefined;
  readonly templates?: boolean | undefined;
  readonly metrics?: readonly MetricSpec[] | undefined;
  readonly exactDurations?: boolean | undefined;
}

/** What a scan needs to know, of options that are valid. Throws RangeError otherwise. */
export function toSpec(options: SpecOptions): ScanSpec {
  const { format, durationUnit, templates = false, metrics = [], exactDurations } = options;
  const found = parseSourceFormat(format, { durationUnit });
  if (found.format === undefined) {
    throw new RangeError(found.problem);
  }
  return {
    ...found,
    ...toScanSettings(options, templates),
    metrics,
    ...(exactDurations === true && { limits: { durationValuesMax: exactDurationsMax } }),
  };
}
