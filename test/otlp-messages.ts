// OTLP by its official definitions: the classes that OpenTelemetry generates from them.
// github.com/open-telemetry/opentelemetry-proto
import { createRequire } from "node:module";

/** A message as OTLP's JSON would have it, but that enums are their names and integers of 64 bits are texts. */
interface OtlpMessage<Value> {
  decode(bytes: Uint8Array): object;
  encode(message: object): { finish(): Uint8Array };
  fromObject(json: object): object;
  toObject(message: object, options: object): Value;
}

export interface OtlpAttribute {
  readonly key: string;
  readonly value: { readonly stringValue: string };
}

export interface OtlpDataPoint {
  readonly attributes: readonly OtlpAttribute[];
  readonly startTimeUnixNano: string;
  readonly timeUnixNano: string;
  readonly flags: number;
  readonly asDouble?: number;
}

export interface OtlpBuckets {
  readonly offset: number;
  readonly bucketCounts: readonly string[];
}

export interface OtlpHistogramPoint extends OtlpDataPoint {
  readonly count: string;
  readonly sum?: number;
  readonly scale: number;
  readonly zeroCount: string;
  readonly positive: OtlpBuckets | null;
  readonly negative: OtlpBuckets | null;
  readonly min?: number;
  readonly max?: number;
}

export interface OtlpMetric {
  readonly name: string;
  readonly description: string;
  readonly unit: string;
  readonly gauge?: { readonly dataPoints: readonly OtlpDataPoint[] };
  readonly sum?: {
    readonly dataPoints: readonly OtlpDataPoint[];
    readonly aggregationTemporality: string;
    readonly isMonotonic: boolean;
  };
  readonly exponentialHistogram?: {
    readonly dataPoints: readonly OtlpHistogramPoint[];
    readonly aggregationTemporality: string;
  };
}

export interface OtlpMetricsRequest {
  readonly resourceMetrics: readonly {
    readonly resource: { readonly attributes: readonly OtlpAttribute[] };
    readonly scopeMetrics: readonly { readonly metrics: readonly OtlpMetric[] }[];
  }[];
}

export interface OtlpLogRecord {
  readonly timeUnixNano: string;
  readonly severityNumber: string;
  readonly body: { readonly stringValue: string };
  readonly attributes: readonly OtlpAttribute[];
  readonly eventName: string;
}

export interface OtlpLogsRequest {
  readonly resourceLogs: readonly {
    readonly scopeLogs: readonly { readonly logRecords: readonly OtlpLogRecord[] }[];
  }[];
}

interface Definitions {
  readonly opentelemetry: {
    readonly proto: {
      readonly collector: {
        readonly metrics: {
          readonly v1: {
            readonly ExportMetricsServiceRequest: OtlpMessage<OtlpMetricsRequest>;
            readonly ExportMetricsServiceResponse: OtlpMessage<unknown>;
          };
        };
        readonly logs: {
          readonly v1: { readonly ExportLogsServiceRequest: OtlpMessage<OtlpLogsRequest> };
        };
      };
    };
  };
}

const load = createRequire(import.meta.url);
const definitions: Definitions = load(
  "@opentelemetry/otlp-transformer/build/src/generated/root.js",
);

const { metrics, logs } = definitions.opentelemetry.proto.collector;

/** Fields that were not sent are there with their defaults, but for those that are optional. */
const plainly = { longs: String, enums: String, defaults: true, arrays: true };

export function readMetricsRequest(bytes: Uint8Array): OtlpMetricsRequest {
  const { ExportMetricsServiceRequest: type } = metrics.v1;
  return type.toObject(type.decode(bytes), plainly);
}

export function readMetricsJson(text: string): OtlpMetricsRequest {
  const { ExportMetricsServiceRequest: type } = metrics.v1;
  return type.toObject(type.fromObject(JSON.parse(text)), plainly);
}

export function readLogsRequest(bytes: Uint8Array): OtlpLogsRequest {
  const { ExportLogsServiceRequest: type } = logs.v1;
  return type.toObject(type.decode(bytes), plainly);
}

/** What a receiver answers that has taken all but some. */
export function toPartialSuccess(rejectedDataPoints: number, errorMessage: string): Uint8Array {
  const { ExportMetricsServiceResponse: type } = metrics.v1;
  const answer = type.fromObject({ partialSuccess: { rejectedDataPoints, errorMessage } });
  return type.encode(answer).finish();
}
