// What is known about the process behind a dump: from `show info`, or from the head of the statistics page.
import { gauge, type Sample } from "../core/sample.ts";
import type { MetricDefinition } from "../core/component.ts";

/** One worker process. Numbers are reused, in containers even at once; the start tells them apart. */
export interface ProcessInfo {
  readonly pid: number;
  readonly uptimeS: number;
  /** Seconds since the epoch by HAProxy's clock; since 2.5, and by `show info` alone. */
  readonly startedAtS?: number;
  readonly version?: string;
  /** It takes no new connections any more. */
  readonly isStopping: boolean;
  /** `show info` by field. */
  readonly fields: ReadonlyMap<string, string>;
}

/** `Pid: 4242` and the like, as `show info` prints them. Undefined when it is not that. */
export function parseShowInfo(text: string): ProcessInfo | undefined {
  const fields = new Map<string, string>();
  for (const line of text.split("\n")) {
    const colon = line.indexOf(":");
    if (colon > 0) {
      fields.set(line.slice(0, colon), line.slice(colon + 1).trim());
    }
  }
  const pid = toNumber(fields.get("Pid"));
  const uptimeS = toNumber(fields.get("Uptime_sec"));
  if (pid === undefined || uptimeS === undefined) {
    return undefined;
  }
  const startedAtS = toNumber(fields.get("Start_time_sec"));
  const version = fields.get("Version");
  return {
    pid,
    uptimeS,
    ...(startedAtS === undefined ? {} : { startedAtS }),
    ...(version === undefined ? {} : { version }),
    isStopping: fields.get("Stopping") === "1",
    fields,
  };
}

const pagePid = /<b>pid = <\/b>\s*(\d+)/;
const pageUptime = /<b>uptime = <\/b>\s*(\d+)d\s*(\d+)h(\d+)m(\d+)s/;
const pageVersion = /HAProxy version ([^\s,<]+)/;

/** The head of the statistics page, which alone names the process over HTTP. Undefined when it is another page. */
export function parsePageHead(html: string): ProcessInfo | undefined {
  const pid = toNumber(pagePid.exec(html)?.[1]);
  const uptime = pageUptime.exec(html);
  if (pid === undefined || uptime === null) {
    return undefined;
  }
  const [days = 0, hours = 0, minutes = 0, seconds = 0] = uptime.slice(1).map(Number);
  const version = pageVersion.exec(html)?.[1];
  return {
    pid,
    uptimeS: ((days * 24 + hours) * 60 + minutes) * 60 + seconds,
    ...(version === undefined ? {} : { version }),
    isStopping: false,
    fields: new Map(),
  };
}

/** By pid and start, as far as both sides know them. A process never gets younger. */
export function isSameProcess(
  before: Pick<ProcessInfo, "pid" | "uptimeS" | "startedAtS">,
  now: Pick<ProcessInfo, "pid" | "uptimeS" | "startedAtS">,
): boolean {
  const isStartKnown = before.startedAtS !== undefined && now.startedAtS !== undefined;
  return (
    before.pid === now.pid &&
    now.uptimeS >= before.uptimeS &&
    (!isStartKnown || before.startedAtS === now.startedAtS)
  );
}

const processGauges: readonly {
  readonly field: string;
  readonly metric: string;
  readonly scale?: number;
  readonly help: string;
}[] = [
  { field: "CurrConns", metric: "haproxy_process_connections", help: "Connections open now." },
  {
    field: "Maxconn",
    metric: "haproxy_process_connection_limit",
    help: "The most connections of the process.",
  },
  {
    field: "CurrSslConns",
    metric: "haproxy_process_tls_connections",
    help: "Connections over TLS open now.",
  },
  {
    field: "Idle_pct",
    metric: "haproxy_process_idle_ratio",
    scale: 0.01,
    help: "Share of its time that the process waits.",
  },
  {
    field: "Run_queue",
    metric: "haproxy_process_run_queue",
    help: "Tasks that wait for their turn.",
  },
];

/** What is said of the process; all but the uptime over a socket alone. */
export const processMetrics: Readonly<Record<string, MetricDefinition>> = {
  haproxy_uptime_seconds: { kind: "gauge", help: "Age of the process that answered." },
  haproxy_info: {
    kind: "gauge",
    help: "1, with the version that runs, where it is told.",
    labels: ["version"],
  },
  ...Object.fromEntries(
    processGauges.map(({ metric, help }) => [metric, { kind: "gauge" as const, help }]),
  ),
};

export function toProcessSamples({ uptimeS, version, fields }: ProcessInfo): Sample[] {
  const samples: Sample[] = [gauge("haproxy_uptime_seconds", uptimeS)];
  if (version !== undefined) {
    samples.push(gauge("haproxy_info", 1, { version }));
  }
  for (const { field, metric, scale = 1 } of processGauges) {
    const value = toNumber(fields.get(field));
    if (value !== undefined) {
      samples.push(gauge(metric, value * scale));
    }
  }
  return samples;
}

function toNumber(text: string | undefined): number | undefined {
  return text !== undefined && /^\d{1,15}$/.test(text) ? Number(text) : undefined;
}
