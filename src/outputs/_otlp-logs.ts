import type { Batch } from "../core/batch.ts";
import type { Message } from "./_otlp-encoding.ts";
import { toAttributes } from "./_otlp-metrics.ts";

/** SeverityNumber INFO: what happened is not yet known to be bad. */
const info = { severityNumber: 9, severityText: "INFO" };

/** Events as log records (opentelemetry.io/docs/specs/otel/logs/data-model). */
export function toLogRecords({ events, to }: Batch): readonly Message[] {
  return events.map(({ at, name, labels, text }) => ({
    timeUnixNano: at,
    observedTimeUnixNano: to,
    ...info,
    eventName: name,
    body: { stringValue: text.toWellFormed() },
    attributes: toAttributes(labels),
  }));
}
