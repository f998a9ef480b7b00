// A receiver of remote-write in memory, for the output's tests.
import assert from "node:assert/strict";
import type { Batch } from "../src/core/batch.ts";
import type { OpenOutput } from "../src/core/component.ts";
import type { Sample } from "../src/core/sample.ts";
import { remoteWrite } from "../src/outputs/remote-write.ts";
import { toRemoteWriteText } from "./remote-write-text.ts";
import { createWorld } from "./world.ts";

/** A request as the receiver sees it. */
export interface Request {
  readonly lines: readonly string[];
  readonly headers: Headers;
  readonly version: string | null;
}

export interface Receiver {
  readonly requests: readonly Request[];
  /** Of the requests that were answered with 2xx. */
  readonly lines: readonly string[];
  readonly reports: readonly (string | undefined)[];
  refused(): number;
  open(given?: object, remembered?: Remembered): Promise<OpenOutput>;
}

export interface Remembered {
  readonly state?: Uint8Array | undefined;
  readonly progress?: Uint8Array | undefined;
}

/** Opens the output with this receiver, which answers as it is told to, else that all is well. */
export function createReceiver(
  answer: (request: Request) => Response | undefined = () => undefined,
): Receiver {
  const world = createWorld();
  const requests: Request[] = [];
  const lines: string[] = [];
  return {
    requests,
    lines,
    reports: world.reports,
    refused: () => world.refused(),
    open: (given = {}, remembered = {}) => {
      const options = { url: "http://prometheus.example/write", protocol: "1.0", ...given };
      return remoteWrite.open(remoteWrite.options.parse(options), {
        ...world.context(remembered),
        fetch: async (_url, { body, headers }) => {
          assert.ok(body instanceof Uint8Array);
          const all = new Headers(headers);
          const version = all.get("x-prometheus-remote-write-version");
          const request = { lines: toRemoteWriteText(body).split("\n"), headers: all, version };
          requests.push(request);
          const response = answer(request) ?? new Response(null, { status: 204 });
          if (response.ok) {
            lines.push(...request.lines);
          }
          return response;
        },
      });
    },
  };
}

/** The window of so many seconds after the epoch. */
export function toWindow(
  seq: number,
  samples: readonly Sample[],
  changes: Partial<Batch> = {},
): Batch {
  const marks = { more: false, partial: false, backfill: false };
  const window = { from: seq * 1000, to: seq * 1000 + 1000 };
  return {
    source: "s",
    service: "",
    seq,
    ...window,
    samples,
    tops: [],
    events: [],
    ...marks,
    ...changes,
  };
}

export function refuse(status: number, text = "no", headers = {}): Response {
  return new Response(text, { status, headers });
}

/** Each series' samples in order of time, and none twice. */
export function checkOrder(lines: readonly string[]): void {
  const times = Map.groupBy(lines, (line) => line.slice(0, line.indexOf("}")));
  for (const [series, of] of times) {
    const ats = of.map((line) => Number(line.slice(line.lastIndexOf("@") + 1)));
    assert.deepEqual(
      ats,
      [...new Set(ats)].toSorted((a, b) => a - b),
      series,
    );
  }
}
