// The HTTP API as the page sees it. The page shares no code with the server: these are the shapes
// on the wire.

export type Labels = Readonly<Record<string, string>>;

export interface SourcesReply {
  readonly node: string;
  readonly version: string;
  readonly sources: readonly SourceStatus[];
}

export interface SourceStatus {
  readonly id: string;
  readonly kind: string;
  /** Empty when the user filed the source under none. */
  readonly service: string;
  readonly everyMs: number;
  /** What is watched: a URL, or the path of a file. Null, or absent, where there is no such thing. */
  readonly target?: string | null;
  readonly state: "starting" | "ok" | "failing";
  /** Why it fails or, where it does its work and finds something down, why that is. */
  readonly problem: string | null;
  /** Instants are ISO 8601 in UTC. */
  readonly stateSince: string;
  readonly lastBatchAt: string | null;
  /** Null for a source that is not a check. */
  readonly check: "up" | "down" | "unknown" | null;
  /** Every count since the journal began. */
  readonly totals: readonly Total[];
}

export interface Total {
  readonly name: string;
  readonly labels: Labels;
  readonly value: number;
}

export interface Incident {
  readonly id: string;
  readonly rule: string;
  readonly source: string;
  readonly service: string;
  readonly labels: Labels;
  readonly metric: string;
  readonly openedAt: string;
  readonly clearedAt: string | null;
  /** Null while it is open. */
  readonly clearReason: "recovered" | "rule_changed" | "rule_removed" | "source_removed" | null;
  /**
   * What was compared when it opened, in the metric's base unit; per second where the condition is.
   */
  readonly value: number;
  readonly worst: number;
  readonly last: number;
  /** "above 30/s" */
  readonly condition: string;
  readonly summary: string;
}

export interface BatchJson {
  readonly source: string;
  readonly service: string;
  readonly seq: number;
  /** The window [from, to). */
  readonly from: string;
  readonly to: string;
  readonly more?: true;
  readonly partial?: true;
  readonly backfill?: true;
  readonly samples: readonly SampleJson[];
  readonly tops: readonly TopJson[];
  readonly events: readonly EventJson[];
}

export interface SampleJson {
  readonly name: string;
  readonly kind: "gauge" | "count" | "distribution" | "distinct";
  readonly labels: Labels;
  readonly value: number | DistributionJson;
}

export interface DistributionJson {
  readonly count: number;
  readonly sum: number;
  readonly min: number | null;
  readonly max: number | null;
  readonly p50: number | null;
  readonly p90: number | null;
  readonly p99: number | null;
}

export interface TopJson {
  readonly name: string;
  readonly labels: Labels;
  readonly total: number;
  readonly entries: readonly TopEntry[];
}

export interface TopEntry {
  readonly key: string;
  readonly count: number;
  readonly error: number;
}

export interface EventJson {
  readonly at: string;
  readonly name: string;
  readonly labels: Labels;
  readonly text: string;
}

/** Sent when the stream could not deliver everything. */
export interface GapJson {
  readonly reason: string;
  readonly batches: number;
}

/**
 * What /api/v1/query answers. Points are at the start of their step; one that was not measured is
 * absent.
 */
export interface QueryReply {
  readonly from: string;
  readonly to: string;
  readonly stepMs: number;
  /**
   * Parts of the range, in milliseconds since the epoch: older ones may be kept in coarser steps
   * only.
   */
  readonly spans?: readonly {
    readonly from: number;
    readonly to: number;
    readonly stepMs: number;
  }[];
  readonly series: readonly QuerySeries[];
}

export interface QuerySeries {
  readonly labels: Labels;
  readonly points: readonly (readonly [at: number, value: number])[];
}

export interface HeatMapReply {
  readonly from: string;
  readonly to: string;
  readonly stepMs: number;
  readonly spans?: QueryReply["spans"];
  /** Upper bounds of the rows, rising, in seconds. */
  readonly bounds: readonly number[];
  /** The start of each step, and how many observations fell into each row. */
  readonly columns: readonly (readonly [at: number, counts: readonly number[]])[];
}

export interface TopsReply {
  readonly total: number;
  readonly other: number;
  readonly entries: readonly TopEntry[];
}

export interface ReadersReply {
  readonly readers: readonly ReaderStatus[];
}

/** Who reads the journal: the node's own readers, and outputs. */
export interface ReaderStatus {
  readonly name: string;
  /** Null for the node's own. */
  readonly output: {
    readonly id: string;
    readonly kind: string;
    /** What was sent may be sent again. */
    readonly isRepeatable: boolean;
    /** It sends nothing: others ask it. */
    readonly isAsked: boolean;
  } | null;
  /** Since the start. */
  readonly doneBatches: number;
  readonly lagBatches: number;
  readonly lagMs: number;
  readonly errors: number;
  readonly lastError: string | null;
  readonly lastSuccessAt: string | null;
  readonly missedBatches: number;
  readonly droppedBatches: number;
  readonly refusedSamples: number;
}

/** What became of a test. */
export interface TrialReply {
  readonly isTaken: boolean;
  readonly text: string;
}

/** The server answered, but not with what was asked for. The message is for people. */
export class ApiError extends Error {
  readonly status: number;
  /** One of the server's stable codes; empty when it gave none. */
  readonly code: string;

  constructor(status: number, message: string, code = "") {
    super(message);
    this.status = status;
    this.code = code;
  }

  /** A token is missing, or was not accepted. */
  get denied(): boolean {
    return this.status === 401;
  }
}

export interface Reply<Body> {
  readonly body: Body;
  /**
   * The server's clock as it answered, in milliseconds since the epoch; undefined when it did not
   * say.
   */
  readonly serverNow: number | undefined;
}

/**
 * Every method rejects with an ApiError when the server refuses, and a TypeError when it is not
 * reached.
 */
export interface Api {
  sources(signal: AbortSignal): Promise<Reply<SourcesReply>>;
  incidents(signal: AbortSignal): Promise<Reply<{ readonly incidents: readonly Incident[] }>>;
  /** `params` are of a PlannedQuery; likewise below. */
  query(params: string, signal: AbortSignal): Promise<Reply<QueryReply>>;
  heatMap(params: string, signal: AbortSignal): Promise<Reply<HeatMapReply>>;
  tops(params: string, signal: AbortSignal): Promise<Reply<TopsReply>>;
  readers(signal: AbortSignal): Promise<Reply<ReadersReply>>;
  tryOutput(output: string, signal: AbortSignal): Promise<Reply<TrialReply>>;
  /** Sends again what was sent since `from`, ISO 8601. */
  repeatOutput(
    output: string,
    from: string,
    signal: AbortSignal,
  ): Promise<Reply<{ readonly batches: number }>>;
  /** The event stream, from `lastEventId` on, or else from 15 minutes ago. */
  live(lastEventId: string, signal: AbortSignal): Promise<Response>;
}

/**
 * `token` is asked before each request. Addresses are relative, so that a proxy may serve the page
 * below a path.
 */
export function createApi(token: () => string | null): Api {
  async function request(
    path: string,
    headers: Readonly<Record<string, string>>,
    signal: AbortSignal,
    body?: string,
  ): Promise<Response> {
    const secret = token();
    const authorization = secret === null ? {} : { authorization: `Bearer ${secret}` };
    const response = await fetch(`api/v1/${path}`, {
      headers: { ...headers, ...authorization },
      signal,
      cache: "no-store",
      ...(body !== undefined && { method: "POST", body }),
    });
    if (!response.ok) {
      throw await readProblem(response);
    }
    return response;
  }

  async function load<Body>(
    path: string,
    signal: AbortSignal,
    asked?: Readonly<Record<string, string>>,
  ): Promise<Reply<Body>> {
    const type = asked && { "content-type": "application/json" };
    const sent = asked && JSON.stringify(asked);
    const response = await request(path, { accept: "application/json", ...type }, signal, sent);
    const serverNow = Date.parse(response.headers.get("date") ?? "");
    // What our own server sends is taken at its word.
    const body: Body = await response.json();
    return { body, serverNow: Number.isNaN(serverNow) ? undefined : serverNow };
  }

  return {
    sources: (signal) => load("sources", signal),
    incidents: (signal) => load("incidents?state=all&limit=100", signal),
    query: (params, signal) => load(`query?${params}`, signal),
    heatMap: (params, signal) => load(`heatmap?${params}`, signal),
    tops: (params, signal) => load(`tops?${params}`, signal),
    readers: (signal) => load("readers", signal),
    tryOutput: (output, signal) => load("outputs/test", signal, { output }),
    repeatOutput: (output, from, signal) => load("outputs/repeat", signal, { output, from }),
    live: (lastEventId, signal) =>
      request(
        "live?since=15m",
        { accept: "text/event-stream", ...(lastEventId && { "last-event-id": lastEventId }) },
        signal,
      ),
  };
}

interface Problem {
  readonly title?: string;
  readonly detail?: string;
  readonly code?: string;
}

/** With the sentence of an RFC 9457 problem, or the status where there is none. */
async function readProblem(response: Response): Promise<ApiError> {
  const { status } = response;
  try {
    const { code, detail, title }: Problem = await response.json();
    return new ApiError(status, detail ?? title ?? `The server answered ${status}.`, code);
  } catch {
    return new ApiError(status, `The server answered ${status}.`);
  }
}
