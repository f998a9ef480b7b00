import type { JSX } from "preact";
import { Chart } from "../chart.tsx";
import { formatBytes, formatNumber, formatSeconds } from "../format.ts";
import type { ChartData } from "../plot.ts";
import type { Window } from "../series.ts";
import { type IncidentSpan, spansFor } from "./incident-spans.ts";

export interface TrafficChartProps {
  readonly data: ChartData;
  readonly range: Window;
  readonly spans: readonly IncidentSpan[];
}

/** One area per group. */
export function RequestsChart({ data, range, spans }: TrafficChartProps): JSX.Element {
  return (
    <Chart
      title="Requests per second"
      {...data}
      range={range}
      spans={spansFor(spans, "http_requests_total")}
      stacked
      topMin={0.1}
      format={formatNumber}
      empty="No requests were counted."
    />
  );
}

export function ErrorsChart({ data, range, spans }: TrafficChartProps): JSX.Element {
  return (
    <Chart
      title="Errors per second"
      {...data}
      range={range}
      spans={spansFor(spans, "http_requests_total")}
      stacked
      topMin={0.1}
      format={formatNumber}
    />
  );
}

export function DurationsChart({
  data,
  range,
  spans,
  controls,
}: TrafficChartProps & { readonly controls?: JSX.Element | undefined }): JSX.Element {
  return (
    <Chart
      title="Duration"
      {...data}
      range={range}
      spans={spansFor(spans, "http_request_duration_seconds")}
      topMin={0.001}
      format={formatSeconds}
      empty="No durations were measured. The log's format may carry none."
      controls={controls}
    />
  );
}

export function BytesChart({ data, range, spans }: TrafficChartProps): JSX.Element {
  return (
    <Chart
      title="Bytes sent per second"
      {...data}
      range={range}
      spans={spansFor(spans, "http_response_bytes_total")}
      topMin={64}
      format={formatBytes}
      binary
      empty="No sizes were counted. The log's format may carry none."
    />
  );
}

export function SlowChart({ data, range, spans }: TrafficChartProps): JSX.Element {
  return (
    <Chart
      title="Slow requests per second"
      {...data}
      range={range}
      spans={spansFor(spans, "http_slow_requests_total")}
      topMin={0.1}
      format={formatNumber}
      empty="Slow requests are not counted: no limit is set, or the log has no durations."
    />
  );
}
