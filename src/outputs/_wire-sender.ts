import type { OutputContext } from "../core/component.ts";
import {
  type EndpointAnswer,
  type EndpointOptions,
  askEndpoint,
  isRefusedForGood,
  toRetry,
} from "./_endpoint.ts";
import { compressSnappy } from "./_snappy.ts";
import { toWriteRequest, toWriteRequest2 } from "./_wire-message.ts";
import type { WireRequest } from "./_wire-queue.ts";

export const protocols = ["auto", "1.0", "2.0"] as const;

export interface WireSenderOptions extends EndpointOptions {
  readonly url: string;
  readonly protocol: (typeof protocols)[number];
}

const bodyHeaders = { "content-encoding": "snappy", "user-agent": "watchpost" };

const versions = {
  "1.0": {
    ...bodyHeaders,
    "content-type": "application/x-protobuf",
    "x-prometheus-remote-write-version": "0.1.0",
  },
  "2.0": {
    ...bodyHeaders,
    "content-type": "application/x-protobuf;proto=io.prometheus.write.v2.Request",
    "x-prometheus-remote-write-version": "2.0.0",
  },
} as const;

/** What a receiver of 2.0 has to say (prometheus.io/docs/specs/prw/remote_write_spec_2_0, "Required Written Response Headers"). */
const writtenHeaders = ["samples", "histograms"].map(
  (what) => `x-prometheus-remote-write-${what}-written`,
);

/** How much of a request was taken, and what the receiver says of what was not. */
export type WireOutcome =
  | { readonly taken: "all" }
  | { readonly taken: "some"; readonly refused: number; readonly problem: string }
  | { readonly taken: "nothing"; readonly problem: string };

/**
 * Sends requests in the newest version that the receiver understands. One that does not know 2.0 may take it without a
 * word and keep nothing of it: unless it says how much it has written, everything is sent again as 1.0.
 */
export class WireSender {
  readonly #options: WireSenderOptions;
  readonly #context: OutputContext;
  #version: keyof typeof versions;
  /** The receiver has said how much it wrote. */
  #isProven = false;

  constructor(options: WireSenderOptions, context: OutputContext) {
    this.#options = options;
    this.#context = context;
    this.#version = options.protocol === "1.0" ? "1.0" : "2.0";
  }

  /** Rejects when the request is to be sent again later. */
  async send(request: WireRequest, signal: AbortSignal): Promise<WireOutcome> {
    if (this.#version === "2.0") {
      const answer = await this.#ask("2.0", request, signal);
      const outcome = this.#judge(answer, request);
      if (outcome !== undefined) {
        return outcome;
      }
      this.#version = "1.0";
    }
    const answer = await this.#ask("1.0", request, signal);
    return toOutcome(answer);
  }

  /** Undefined when the receiver does not understand 2.0. */
  #judge(answer: EndpointAnswer, { samples }: WireRequest): WireOutcome | undefined {
    const { url, protocol } = this.#options;
    const written = readWritten(answer.headers);
    this.#isProven ||= written !== undefined;
    if (written !== undefined && (answer.isTaken || isRefusedForGood(answer))) {
      const refused = samples - written;
      const problem = answer.isTaken
        ? `${new URL(url).host} wrote less than it got`
        : answer.problem;
      return refused > 0 ? { taken: "some", refused, problem } : { taken: "all" };
    }
    const isForeign =
      answer.isTaken || answer.status === 415 || (!this.#isProven && isRefusedForGood(answer));
    if (!isForeign) {
      return toOutcome(answer);
    }
    if (protocol === "2.0") {
      throw new Error(`${new URL(url).host} does not understand 2.0; write protocol: auto`);
    }
    return undefined;
  }

  #ask(
    version: keyof typeof versions,
    { entries }: WireRequest,
    signal: AbortSignal,
  ): Promise<EndpointAnswer> {
    const message =
      version === "1.0"
        ? toWriteRequest(entries)
        : toWriteRequest2(entries, this.#context.describe);
    const { url } = this.#options;
    const body = compressSnappy(message);
    const request = { url, headers: versions[version], body, signal };
    return askEndpoint(request, this.#options, this.#context);
  }
}

function toOutcome(answer: EndpointAnswer): WireOutcome {
  if (answer.isTaken) {
    return { taken: "all" };
  }
  if (!isRefusedForGood(answer)) {
    throw toRetry(answer);
  }
  return { taken: "nothing", problem: answer.problem };
}

/** How much of a request was written; undefined when the receiver does not say. */
function readWritten(headers: Headers): number | undefined {
  const counts = writtenHeaders
    .map((name) => headers.get(name))
    .filter((text) => text !== null)
    .map(Number);
  return counts.length === 0 ? undefined : counts.reduce((sum, count) => sum + count, 0);
}
