// What the outputs send to when all of them run at once, and how each is asked what it has.
import { createHmac } from "node:crypto";
import { readFile } from "node:fs/promises";
import { findFreePort } from "./harness.ts";
import { influxUser, startInfluxDb } from "./servers/influxdb.ts";
import { natsUser, startNatsServer } from "./servers/nats-server.ts";
import { createBodyServer, createTextServer, startOwnReceiver } from "./servers/own-receiver.ts";
import {
  type RemoteWriteReceiver,
  startPrometheusReceiver,
  startVictoriaMetrics,
} from "./servers/remote-write-receivers.ts";
import { startRsyslog, startRsyslogForJson } from "./servers/rsyslog.ts";

/** The programs that have to be there. */
export const counterpartPrograms = [
  "influxd",
  "nats-server",
  "prometheus",
  "rsyslogd",
  "victoria-metrics",
] as const;

export const groups = Array.from({ length: 12 }, (_, i) => `g${i}`);

export interface Counterpart {
  /** The output's id. */
  readonly name: string;
  /** Its options in the configuration, without braces; `join` gives paths in the node's folder. */
  readonly options: (join: (name: string) => string) => string;
  readonly env?: Readonly<Record<string, string>>;
  /** What is stopped and started; undefined for what the node does itself. */
  readonly receiver?: { start(): Promise<void>; stop(): Promise<void> };
  /** False: what was sent again after an attempt of which nobody knows how far it came counts twice. */
  readonly isExact: boolean;
  /** Requests by group. */
  read(node: {
    readonly url: string;
    readonly join: (name: string) => string;
  }): Promise<ReadonlyMap<string, number>>;
}

type Row = readonly [group: string, requests: number];

function addUp(rows: Iterable<Row>): ReadonlyMap<string, number> {
  const totals = new Map<string, number>();
  for (const [group, requests] of rows) {
    totals.set(group, (totals.get(group) ?? 0) + requests);
  }
  return totals;
}

export async function startCounterparts(
  cleanUp: AsyncDisposableStack,
): Promise<readonly Counterpart[]> {
  return [
    ...(await Promise.all([
      startGelf(cleanUp),
      startGraphite(cleanUp),
      startInflux(cleanUp),
      startNats(cleanUp),
      startOtlp(cleanUp),
      startRemoteWrite(cleanUp),
      startStatsd(cleanUp),
      startSyslog(cleanUp),
      startWebhook(cleanUp),
    ])),
    jsonFile,
    prometheus,
  ];
}

async function startGelf(cleanUp: AsyncDisposableStack): Promise<Counterpart> {
  const receiver = cleanUp.use(await startRsyslogForJson("tcp"));
  return {
    name: "gelf",
    options: () => `kind: gelf, transport: tcp, host: 127.0.0.1, port: ${receiver.port}`,
    receiver,
    isExact: true,
    async read() {
      // What was sent again is the same, with the same time.
      const texts = new Set((await receiver.received()).map((each) => JSON.stringify(each)));
      const messages = [...texts].map((text): Readonly<Record<string, unknown>> =>
        JSON.parse(text),
      );
      return addUp(
        messages.map((each) => [String(each["_group"]), Number(each["_http_requests_total"])]),
      );
    },
  };
}

/** Carbon itself forgets what it has taken when it is stopped; VictoriaMetrics writes it down. */
async function startGraphite(cleanUp: AsyncDisposableStack): Promise<Counterpart> {
  const port = await findFreePort();
  const receiver = cleanUp.use(
    await startVictoriaMetrics([`-graphiteListenAddr=127.0.0.1:${port}`]),
  );
  return {
    name: "graphite",
    options: () => `kind: graphite, host: 127.0.0.1, port: ${port}, tags: true`,
    receiver,
    isExact: true,
    async read() {
      const series = await receiver.stored("http_requests_total");
      return addUp(
        series.flatMap(({ labels, times, values }) =>
          [...new Map(times.map((at, i) => [at, values[i] ?? 0])).values()].map((value): Row => [
            labels["group"] ?? "",
            value,
          ]),
        ),
      );
    },
  };
}

async function startInflux(cleanUp: AsyncDisposableStack): Promise<Counterpart> {
  const receiver = cleanUp.use(await startInfluxDb());
  const { username, password } = influxUser;
  return {
    name: "influx",
    options: () =>
      `kind: influx, url: "${receiver.url}", database: web, username: ${username}, password: { env: INFLUX }`,
    env: { INFLUX: password },
    receiver,
    isExact: true,
    async read() {
      const series = await receiver.query(
        'SELECT SUM(value) FROM http_requests_total GROUP BY "group"',
      );
      return addUp(
        series.map(({ tags, values }) => [tags?.["group"] ?? "", Number(values[0]?.[1])]),
      );
    },
  };
}

async function startNats(cleanUp: AsyncDisposableStack): Promise<Counterpart> {
  const receiver = cleanUp.use(await startNatsServer());
  await receiver.createStream("ALL", "watchpost.>");
  const { username, password } = natsUser;
  return {
    name: "nats",
    options: () =>
      `kind: nats, servers: "127.0.0.1:${receiver.port}", jetstream: true, username: ${username}, password: { env: NATS }`,
    env: { NATS: password },
    receiver,
    isExact: true,
    async read() {
      const stored = await receiver.stored("ALL");
      return addUp(stored.flatMap((text) => toRows(JSON.parse(text))));
    },
  };
}

async function startOtlp(cleanUp: AsyncDisposableStack): Promise<Counterpart> {
  const latest = new Map<string, number>();
  const receiver = cleanUp.use(
    await startOwnReceiver(() =>
      createBodyServer((body) => {
        readOtlp(JSON.parse(body)).forEach(([group, total]) => latest.set(group, total));
        return 200;
      }),
    ),
  );
  return {
    name: "otlp",
    options: () =>
      `kind: otlp, url: "http://127.0.0.1:${receiver.port}", encoding: json, compression: none`,
    receiver,
    isExact: true,
    read: async () => latest,
  };
}

interface OtlpRequest {
  readonly resourceMetrics: readonly {
    readonly scopeMetrics: readonly {
      readonly metrics: readonly {
        readonly sum?: {
          readonly dataPoints: readonly {
            readonly asDouble?: number;
            readonly asInt?: string;
            readonly attributes: readonly {
              readonly key: string;
              readonly value: { readonly stringValue: string };
            }[];
          }[];
        };
      }[];
    }[];
  }[];
}

function readOtlp({ resourceMetrics }: OtlpRequest): readonly Row[] {
  return resourceMetrics
    .flatMap(({ scopeMetrics }) => scopeMetrics)
    .flatMap(({ metrics }) => metrics)
    .flatMap(({ sum }) => sum?.dataPoints ?? [])
    .map(({ attributes, asDouble, asInt }) => [
      attributes.find(({ key }) => key === "group")?.value.stringValue ?? "",
      Number(asInt ?? asDouble),
    ]);
}

async function startRemoteWrite(cleanUp: AsyncDisposableStack): Promise<Counterpart> {
  const receiver: RemoteWriteReceiver = cleanUp.use(await startPrometheusReceiver());
  return {
    name: "remote",
    options: () => `kind: remote-write, url: "${receiver.writeUrl}"`,
    receiver,
    isExact: true,
    async read() {
      const series = await receiver.stored("http_requests_total");
      return new Map(
        series.map(({ labels, values }) => [labels["group"] ?? "", values.at(-1) ?? 0]),
      );
    },
  };
}

async function startStatsd(cleanUp: AsyncDisposableStack): Promise<Counterpart> {
  const rows: Row[] = [];
  const receiver = cleanUp.use(
    await startOwnReceiver(() =>
      createTextServer("\n", (line) => {
        const [, group = "", value] = /\.group\.(g\d+)\.status\.200:(\d+)\|c$/.exec(line) ?? [];
        rows.push([group, Number(value)]);
      }),
    ),
  );
  return {
    name: "statsd",
    options: () => `kind: statsd, transport: tcp, host: 127.0.0.1, port: ${receiver.port}`,
    receiver,
    isExact: false,
    read: async () => addUp(rows),
  };
}

async function startSyslog(cleanUp: AsyncDisposableStack): Promise<Counterpart> {
  const receiver = cleanUp.use(await startRsyslog("tcp"));
  return {
    name: "syslog",
    options: () =>
      `kind: syslog, transport: tcp, host: 127.0.0.1, port: ${receiver.port}, messages: all`,
    receiver,
    isExact: true,
    async read() {
      const texts = new Set((await receiver.received()).map(({ time, data }) => `${time} ${data}`));
      return addUp(
        [...texts].map((text) => [
          / group="(g\d+)"/.exec(text)?.[1] ?? "",
          Number(/ http_requests_total="(\d+)"/.exec(text)?.[1]),
        ]),
      );
    },
  };
}

const webhookKey = Buffer.alloc(32, 7);

async function startWebhook(cleanUp: AsyncDisposableStack): Promise<Counterpart> {
  const byId = new Map<string, readonly Row[]>();
  const receiver = cleanUp.use(
    await startOwnReceiver(() =>
      createBodyServer((body, headers) => {
        const [id, at, given] = ["id", "timestamp", "signature"].map((name) =>
          String(headers[`webhook-${name}`]),
        );
        const digest = createHmac("sha256", webhookKey).update(`${id}.${at}.${body}`);
        if (given !== `v1,${digest.digest("base64")}`) {
          return 401;
        }
        byId.set(id ?? "", toRows(JSON.parse(body).data));
        return 204;
      }),
    ),
  );
  return {
    name: "webhook",
    options: () =>
      `kind: webhook, url: "http://127.0.0.1:${receiver.port}/", secret: { env: WEBHOOK }`,
    env: { WEBHOOK: `whsec_${webhookKey.toString("base64")}` },
    receiver,
    isExact: true,
    read: async () => addUp([...byId.values()].flat()),
  };
}

const jsonFile: Counterpart = {
  name: "file",
  options: (join) => `kind: json-file, path: "${join("out.ndjson")}"`,
  isExact: true,
  async read({ join }) {
    const text = await readFile(join("out.ndjson"), "utf8");
    return addUp(
      text
        .split("\n")
        .filter((line) => line !== "")
        .flatMap((line) => toRows(JSON.parse(line))),
    );
  },
};

const prometheus: Counterpart = {
  name: "page",
  options: () => "kind: prometheus",
  isExact: true,
  async read({ url }) {
    const text = await (await fetch(`${url}metrics`)).text();
    const lines = text.matchAll(/^http_requests_total\{.*group="(g\d+)".*\} (\d+)$/gm);
    return new Map([...lines].map(([, group = "", total]) => [group, Number(total)]));
  },
};

interface BatchJson {
  readonly samples: readonly {
    readonly labels: Readonly<Record<string, string>>;
    readonly value: number;
  }[];
}

function toRows({ samples }: BatchJson): readonly Row[] {
  return samples.map(({ labels, value }) => [labels["group"] ?? "", value]);
}
