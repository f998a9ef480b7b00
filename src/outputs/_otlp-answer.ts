import { ByteReader } from "../core/bytes.ts";
import { Corrupt } from "../core/errors.ts";

/** What of a request was not taken, though it was answered with 200; a message alone is a warning. */
export interface PartialSuccess {
  readonly rejected: number;
  readonly message: string;
}

const nothing: PartialSuccess = { rejected: 0, message: "" };

/**
 * Reads ExportMetricsServiceResponse or ExportLogsServiceResponse, by the answer's own type
 * (opentelemetry.io/docs/specs/otlp/#partial-success-1). What cannot be read says nothing.
 */
export function readPartialSuccess(body: Uint8Array, contentType: string): PartialSuccess {
  try {
    return contentType.startsWith("application/json") ? readJson(body) : readProtobuf(body);
  } catch (error) {
    if (error instanceof SyntaxError || error instanceof Corrupt) {
      return nothing;
    }
    throw error;
  }
}

interface JsonAnswer {
  readonly partialSuccess?: {
    readonly rejectedDataPoints?: string | number;
    readonly rejectedLogRecords?: string | number;
    readonly errorMessage?: string;
  };
}

function readJson(body: Uint8Array): PartialSuccess {
  const answer: JsonAnswer | null =
    body.length === 0 ? null : JSON.parse(Buffer.from(body).toString());
  const { rejectedDataPoints, rejectedLogRecords, errorMessage } = answer?.partialSuccess ?? {};
  const rejected = Number(rejectedDataPoints ?? rejectedLogRecords ?? 0);
  return { rejected: rejected > 0 ? rejected : 0, message: errorMessage ?? "" };
}

/** { partial_success = 1 { rejected_… = 1, error_message = 2 } } */
function readProtobuf(body: Uint8Array): PartialSuccess {
  const { bytes } = readFields(body, 1);
  const { number, bytes: message } = readFields(bytes, 2);
  return { rejected: number, message: Buffer.from(message).toString() };
}

/** The number in field 1, and the bytes in another one. */
function readFields(
  message: Uint8Array,
  bytesField: number,
): { readonly number: number; readonly bytes: Uint8Array } {
  const input = new ByteReader(message);
  let number = 0;
  let bytes = new Uint8Array();
  while (input.left > 0) {
    const tag = input.varint();
    const field = Math.floor(tag / 8);
    switch (tag % 8) {
      case 0: {
        const value = input.varint();
        number = field === 1 ? value : number;
        break;
      }
      case 1:
        input.raw(8);
        break;
      case 2: {
        const value = input.bytes();
        bytes = field === bytesField ? new Uint8Array(value) : bytes;
        break;
      }
      default:
        input.raw(4);
    }
  }
  return { number, bytes };
}
