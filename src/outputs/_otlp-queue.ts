import type { OutputContext } from "../core/component.ts";
import {
  type EndpointAnswer,
  type EndpointOptions,
  askEndpoint,
  isRefusedForGood,
  toRetry,
} from "./_endpoint.ts";
import { readPartialSuccess } from "./_otlp-answer.ts";
import { type Message, type Schema, toOtlpJson, toOtlpProtobuf } from "./_otlp-encoding.ts";
import { resourceLogs, resourceMetrics, resourcesField } from "./_otlp-schema.ts";
import { toMessage, writeBytes } from "./_protobuf.ts";

export const encodings = ["protobuf", "json"] as const;

export interface OtlpQueueOptions extends EndpointOptions {
  readonly url: string;
  readonly encoding: (typeof encodings)[number];
  readonly compression: "gzip" | "none";
}

/** What a request holds: where it is posted to, and what its list is called. */
const signals = {
  metrics: { path: "/v1/metrics", list: "resourceMetrics", schema: resourceMetrics },
  logs: { path: "/v1/logs", list: "resourceLogs", schema: resourceLogs },
} as const satisfies Record<string, { path: string; list: string; schema: Schema }>;

export type OtlpSignal = keyof typeof signals;

interface Request {
  readonly signal: OtlpSignal;
  readonly resources: Message[];
  /** Data points or log records. */
  items: number;
}

/** More items make another request. */
export const itemsMax = 2_000;

/** Answers that ask for another attempt (opentelemetry.io/docs/specs/otlp/#retryable-response-codes). */
const retryable: ReadonlySet<number> = new Set([429, 502, 503, 504]);

/** Requests that wait to be sent, one after the other; what was answered is not sent again when the next one fails. */
export class OtlpQueue {
  readonly #options: OtlpQueueOptions;
  readonly #context: OutputContext;
  readonly #onRefused: (items: number, why: string) => void;
  readonly #requests: Request[] = [];

  constructor(
    options: OtlpQueueOptions,
    context: OutputContext,
    onRefused: (items: number, why: string) => void,
  ) {
    this.#options = options;
    this.#context = context;
    this.#onRefused = onRefused;
  }

  get isEmpty(): boolean {
    return this.#requests.length === 0;
  }

  /** There is enough for a request. */
  get isFull(): boolean {
    return this.#requests.reduce((sum, { items }) => sum + items, 0) >= itemsMax;
  }

  add(signal: OtlpSignal, resource: Message, items: number): void {
    const open = this.#requests.findLast((request) => request.signal === signal);
    if (open !== undefined && open.items + items <= itemsMax) {
      open.resources.push(resource);
      open.items += items;
    } else {
      this.#requests.push({ signal, resources: [resource], items });
    }
  }

  /** Rejects when the receiver is to be asked again later; what is left stays queued. */
  async drain(signal: AbortSignal): Promise<void> {
    for (let [request] = this.#requests; request !== undefined; [request] = this.#requests) {
      signal.throwIfAborted();
      this.#judge(await this.#ask(request, signal), request);
      this.#requests.shift();
    }
  }

  #judge(answer: EndpointAnswer, { items }: Request): void {
    if (!answer.isTaken) {
      const { status } = answer;
      if (retryable.has(status) || (status < 500 && status !== 408 && !isRefusedForGood(answer))) {
        throw toRetry(answer);
      }
      this.#onRefused(items, answer.problem);
      return;
    }
    const contentType = answer.headers.get("content-type") ?? "";
    const { rejected, message } = readPartialSuccess(answer.body, contentType);
    if (rejected > 0 || message !== "") {
      const { host } = new URL(this.#options.url);
      this.#onRefused(Math.min(rejected, items), `${host} took a part: ${message}`);
    }
  }

  #ask({ signal: kind, resources }: Request, signal: AbortSignal): Promise<EndpointAnswer> {
    const { url, encoding, compression } = this.#options;
    const { path, list, schema } = signals[kind];
    const isJson = encoding === "json";
    const request = {
      url: `${url.replace(/\/+$/, "")}${path}`,
      headers: {
        "content-type": isJson ? "application/json" : "application/x-protobuf",
        "user-agent": "watchpost",
      },
      body: isJson ? toJsonBody(list, resources, schema) : toProtobufBody(resources, schema),
      isGzipped: compression === "gzip",
      signal,
    };
    return askEndpoint(request, this.#options, this.#context);
  }
}

function toJsonBody(list: string, resources: readonly Message[], schema: Schema): string {
  return JSON.stringify({ [list]: resources.map((each) => toOtlpJson(each, schema)) });
}

function toProtobufBody(resources: readonly Message[], schema: Schema): Uint8Array<ArrayBuffer> {
  return toMessage((out) => {
    for (const each of resources) {
      writeBytes(out, resourcesField, toOtlpProtobuf(each, schema));
    }
  }, 4096);
}
