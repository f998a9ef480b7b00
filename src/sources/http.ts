import { z } from "zod";
import { defineSource, type Observation, type SourceContext } from "../core/component.ts";
import { duration } from "../core/options.ts";
import { gauge, type Event, type Sample } from "../core/sample.ts";

/** Longer bodies are cut: what is behind is neither read nor looked at. */
const bodyBytesMax = 1024 * 1024;

/**
 * A target that does not answer has to be found down before the look itself is overdue, which would
 * be unknown.
 */
const timeoutShare = 0.8;
const timeoutMaxMs = 50_000;

const options = z.strictObject({
  url: z
    .url({ protocol: /^https?$/, error: "is not an address that starts with http:// or https://" })
    .refine((url) => !hasCredentials(url), "must not contain a user name or password")
    .describe("Address to request."),
  method: z
    .enum(["GET", "HEAD"])
    .default("GET")
    .describe("GET reads the body, up to 1 MiB; HEAD does without."),
  expect: z
    .strictObject({
      status: z
        .array(statusRange())
        .min(1)
        .prefault(["200-299"])
        .describe("Status codes that count as up: numbers, or ranges such as 200-299."),
      body: z.string().min(1).optional().describe("Text that the first 1 MiB has to contain."),
    })
    .prefault({})
    .describe("What counts as up."),
  follow: z
    .int()
    .min(0)
    .max(20)
    .default(0)
    .describe("How many redirects to follow. Without, the redirect itself is the answer."),
  timeout: duration()
    .prefault("10s")
    .describe(
      "Without a whole answer by then it is down. At most four fifths of the interval, and 50s.",
    ),
});

type HttpOptions = z.output<typeof options>;

const shop = "https://shop.example/";

export const http = defineSource({
  name: "http",
  summary: "Requests a URL and says whether, and how fast, it answered as expected.",
  check: true,
  every: "30s",
  options,
  target: ({ url }) => url,
  metrics: {
    check_up: { kind: "gauge", help: "1 when the answer was as expected, else 0." },
    // A gauge: one look has one duration. A percentile over many looks is one over the history's
    // points, each of which is exact, as long as they are not rolled up; then it wants to become a
    // distribution.
    check_duration_seconds: {
      kind: "gauge",
      help: "From the start of the request to the end of the answer; absent without an answer.",
      labels: ["phase"],
    },
    http_response_status: { kind: "gauge", help: "Status of the answer; absent without one." },
  },
  examples: [
    {
      title: "A page that has to contain a text",
      options: { url: shop, expect: { body: "Add to basket" } },
      given: { replies: { [shop]: { body: "<button>Add to basket</button>", afterMs: 120 } } },
      expect: [
        [
          { name: "check_up", value: 1 },
          { name: "http_response_status", value: 200 },
          { name: "check_duration_seconds", labels: { phase: "total" }, value: 0.12 },
        ],
      ],
    },
    {
      title: "A redirect is an answer",
      options: { url: "http://shop.example/", method: "HEAD", expect: { status: [301, 308] } },
      given: {
        replies: {
          "http://shop.example/": { status: 301, headers: { location: shop }, afterMs: 5 },
        },
      },
      expect: [
        [
          { name: "check_up", value: 1 },
          { name: "http_response_status", value: 301 },
          { name: "check_duration_seconds", labels: { phase: "total" }, value: 0.005 },
        ],
      ],
    },
    {
      title: "Nobody listens",
      options: { url: shop },
      given: { replies: { [shop]: { error: "ECONNREFUSED" } } },
      expect: [[{ name: "check_up", value: 0 }]],
    },
    {
      title: "No answer in time",
      options: { url: shop, timeout: "2s" },
      given: { replies: { [shop]: { afterMs: 60_000 } } },
      expect: [[{ name: "check_up", value: 0 }]],
    },
  ],

  async observe(given, context) {
    const from = context.now();
    const outcome = await request(given, context);
    const to = Math.max(context.now(), from + 1);
    return toObservation({ url: given.url, from, to, outcome }, context.position);
  },
});

/** What came of one look. `reason` continues the sentence "https://… ". */
interface Outcome {
  readonly isUp: boolean;
  readonly reason: string;
  /** Absent when no whole answer came. */
  readonly answer?: { readonly status: number; readonly durationSeconds: number };
}

/**
 * Resolves for whatever the target does; rejects when the cause is ours, or when the context's
 * signal is aborted.
 */
async function request(given: HttpOptions, context: SourceContext): Promise<Outcome> {
  const timeoutMs = Math.min(given.timeout, context.everyMs * timeoutShare, timeoutMaxMs);
  const startedMs = context.monotonic();
  const timeUp = new AbortController();
  const signal = AbortSignal.any([context.signal, timeUp.signal]);
  const timer = abortAfter(timeoutMs, timeUp, context);
  try {
    const { status, body } = await Promise.race([exchange(given, context, signal), timer]);
    const durationSeconds = (context.monotonic() - startedMs) / 1000;
    return { ...judge(given, status, body), answer: { status, durationSeconds } };
  } catch (error) {
    context.signal.throwIfAborted();
    const reason = timeUp.signal.aborted
      ? `did not answer within ${timeoutMs / 1000} s`
      : blameTarget(error);
    if (reason === undefined) {
      throw error;
    }
    return { isUp: false, reason };
  } finally {
    timeUp.abort();
  }
}

/** Rejects when the time is up or the component has to stop. */
async function abortAfter(
  ms: number,
  timeUp: AbortController,
  context: SourceContext,
): Promise<never> {
  await context.sleep(ms);
  timeUp.abort();
  throw new Error("time is up");
}

interface Answer {
  readonly status: number;
  readonly body: string;
}

async function exchange(
  given: HttpOptions,
  context: SourceContext,
  signal: AbortSignal,
): Promise<Answer> {
  let url = given.url;
  for (let redirectsLeft = given.follow; ; redirectsLeft--) {
    const headers = { "user-agent": "Watchpost" };
    const init: RequestInit = { method: given.method, redirect: "manual", headers, signal };
    const response = await context.fetch(url, init);
    const next = redirectsLeft > 0 ? redirectTarget(response, url) : undefined;
    if (next === undefined) {
      return { status: response.status, body: await readBody(response) };
    }
    await response.body?.cancel();
    url = next;
  }
}

const redirectStatuses = new Set([301, 302, 303, 307, 308]);

function redirectTarget({ status, headers }: Response, url: string): string | undefined {
  const location = headers.get("location");
  if (location === null || !redirectStatuses.has(status) || !URL.canParse(location, url)) {
    return undefined;
  }
  const next = new URL(location, url);
  return /^https?:$/.test(next.protocol) ? next.href : undefined;
}

/** Up to bodyBytesMax, as UTF-8; the rest is refused. */
async function readBody(response: Response): Promise<string> {
  const decoder = new TextDecoder();
  let text = "";
  let leftBytes = bodyBytesMax;
  // Leaving the loop cancels the stream, and with it the request.
  for await (const chunk of response.body ?? []) {
    const bytes: Uint8Array = chunk;
    text += decoder.decode(bytes.subarray(0, leftBytes), { stream: true });
    leftBytes -= bytes.length;
    if (leftBytes <= 0) {
      break;
    }
  }
  return text;
}

function judge({ expect }: HttpOptions, status: number, body: string): Outcome {
  if (!expect.status.some(({ from, to }) => status >= from && status <= to)) {
    const expected = expect.status.map(toRangeText).join(" or ");
    return { isUp: false, reason: `answered with status ${status} instead of ${expected}` };
  }
  if (expect.body !== undefined && !body.includes(expect.body)) {
    return { isUp: false, reason: `answered ${status} without the text that is expected` };
  }
  return { isUp: true, reason: `answered ${status}` };
}

function toRangeText({ from, to }: { readonly from: number; readonly to: number }): string {
  return from === to ? String(from) : `${from}-${to}`;
}

/**
 * Failures that the target, or its entry in the name service, is to blame for. Everything else is
 * unknown.
 */
const targetFailures: Readonly<Record<string, string>> = {
  ECONNREFUSED: "refused the connection",
  ECONNRESET: "reset the connection",
  ECONNABORTED: "broke off the connection",
  EPIPE: "closed the connection",
  ETIMEDOUT: "did not accept the connection in time",
  EHOSTUNREACH: "cannot be reached: no route to its host",
  EHOSTDOWN: "cannot be reached: its host is down",
  ENOTFOUND: "cannot be reached: there is no such host name",
  EPROTO: "does not speak TLS as it should",
  UND_ERR_SOCKET: "closed the connection before the answer was whole",
  UND_ERR_CONNECT_TIMEOUT: "did not accept the connection in time",
  UND_ERR_HEADERS_TIMEOUT: "did not answer in time",
  UND_ERR_BODY_TIMEOUT: "stopped in the middle of its answer",
  UND_ERR_HEADERS_OVERFLOW: "sent too many headers",
  UND_ERR_RES_CONTENT_LENGTH_MISMATCH: "sent a body of another length than announced",
};

/** Certificates, TLS and HTTP syntax come as families of codes. */
const targetFailureFamilies: readonly (readonly [RegExp, string])[] = [
  [
    /^(?:CERT_|ERR_TLS_CERT|UNABLE_TO_|DEPTH_ZERO_|SELF_SIGNED_|HOSTNAME_)/,
    "has a bad certificate",
  ],
  [/^(?:ERR_SSL_|ERR_TLS_)/, "does not speak TLS as it should"],
  [/^(?:HPE_|HTTPParserError|Z_|ERR__ERROR_)/, "sent an answer that cannot be read"],
];

/**
 * Why the target is down, with the code; undefined when the cause may be ours. fetch wraps the
 * error as its cause.
 */
function blameTarget(error: unknown): string | undefined {
  if (!(error instanceof Error)) {
    return undefined;
  }
  // Several addresses were tried: a refusal by one of them is an answer, whatever became of the
  // others.
  const parts: readonly unknown[] = error instanceof AggregateError ? error.errors : [error.cause];
  // undici's error for what is no HTTP has a code only sometimes.
  const code = "code" in error && typeof error.code === "string" ? error.code : error.name;
  const family = targetFailureFamilies.find(([pattern]) => pattern.test(code));
  const own = targetFailures[code] ?? family?.[1];
  return own === undefined
    ? parts.map(blameTarget).find((reason) => reason !== undefined)
    : `${own} (${code})`;
}

interface Look {
  readonly url: string;
  readonly from: number;
  readonly to: number;
  readonly outcome: Outcome;
}

/**
 * `previous` is the position of the look before; before the first look, the target counts as up.
 */
function toObservation(look: Look, previous: unknown): Observation {
  const { url, from, to, outcome } = look;
  const samples: Sample[] = [gauge("check_up", outcome.isUp ? 1 : 0)];
  if (outcome.answer !== undefined) {
    const { status, durationSeconds } = outcome.answer;
    samples.push(gauge("http_response_status", status));
    samples.push(gauge("check_duration_seconds", durationSeconds, { phase: "total" }));
  }
  const events: Event[] = [];
  if (wasUp(previous) !== outcome.isUp) {
    const name = outcome.isUp ? "check_up" : "check_down";
    const state = outcome.isUp ? "up again" : "down";
    events.push({ at: to, name, labels: {}, text: `${url} is ${state}: it ${outcome.reason}.` });
  }
  const position = { isUp: outcome.isUp };
  const remark = outcome.isUp ? {} : { remark: `${url} ${outcome.reason}` };
  return { from, to, samples, events, position, ...remark };
}

function wasUp(position: unknown): boolean {
  const isKnown = typeof position === "object" && position !== null && "isUp" in position;
  return !isKnown || position.isUp === true;
}

function hasCredentials(url: string): boolean {
  const { username, password } = URL.parse(url) ?? { username: "", password: "" };
  return username !== "" || password !== "";
}

/** 204, or "200-299" → both ends. */
function statusRange(): z.ZodType<{ from: number; to: number }, number | string> {
  const help = "is not a status; write a number from 100 to 599, or a range such as 200-299";
  return z.union([z.int(), z.string()], help).transform((input, context) => {
    const [, from, to = from] = /^\s*(\d{3})(?:\s*-\s*(\d{3}))?\s*$/.exec(String(input)) ?? [];
    const range = { from: Number(from), to: Number(to) };
    if (!(range.from >= 100 && range.to <= 599 && range.from <= range.to)) {
      context.addIssue({ code: "custom", message: help });
      return z.NEVER;
    }
    return range;
  });
}
