import { z } from "zod";
import { type OutputContext, type OutputRoute, defineOutput } from "../core/component.ts";
import { toInstant } from "../core/batch-json.ts";
import { RetryLater } from "../core/errors.ts";
import { duration, oneOrMore } from "../core/options.ts";
import type { Sample } from "../core/sample.ts";
import { exampleBatch } from "./_example-batch.ts";
import { ask } from "./_post.ts";
import { PrtgChannels, type PrtgPlace, type PrtgSensor } from "./_prtg-channels.ts";
import { toPrtgDocument, toPrtgError } from "./_prtg-document.ts";
import { loadTls, tlsFiles } from "../core/tls-files.ts";

const ownSensor = z.strictObject({
  sources: oneOrMore(z.string()).optional().describe("Its sources; all when left out."),
  metrics: oneOrMore(z.string())
    .optional()
    .describe("Its metrics; `*` stands for any characters; all when left out."),
});

const options = z
  .strictObject({
    mode: z
      .enum(["push", "pull"])
      .default("push")
      .describe(
        "`push` sends to sensors of the type HTTP Push Data Advanced; `pull` serves pages to sensors of " +
          "the type HTTP Data Advanced.",
      ),
    url: z
      .url({ protocol: /^https?$/ })
      .optional()
      .describe("With push, where the probe listens, such as http://probe.example:5050."),
    token: z
      .string()
      .regex(/^[A-Za-z0-9._{}-]+$/, "is not a token; write letters, digits, `.`, `_` and `-`")
      .default("watchpost-{source}")
      .describe(
        "Identification token of the sensors; `{source}` stands for a source's id. A sensor holds 50 " +
          "channels; the next ones are called as this with -2, -3 and so on behind it.",
      ),
    sensors: z
      .record(z.string().regex(/^[A-Za-z0-9._-]+$/), ownSensor)
      .default({})
      .describe(
        "Sensors of one's own, by token: what a measurement goes to is the first that takes it, " +
          "else that of `token`.",
      ),
    path: z
      .string()
      .regex(/^\/[^?#]*[^/?#]$/, "is not a path; write one such as /prtg")
      .default("/prtg")
      .describe("With pull, the folder of the pages: /prtg/watchpost-shop.json, for example."),
    staleAfter: duration()
      .prefault("5m")
      .describe("With pull, a sensor that was not measured for so long is an error."),
    channelsMax: z
      .int()
      .min(1)
      .max(10_000)
      .default(1_000)
      .describe("Channels of all sensors together; what is beyond is left out, and said."),
    tls: tlsFiles.optional().describe("How to trust and be trusted, with push to https."),
  })
  .superRefine(({ mode, url }, context) => {
    if (mode === "push" && url === undefined) {
      const message = "is missing; write where the probe listens, or set mode: pull";
      context.addIssue({ code: "custom", path: ["url"], message });
    }
  });

type PrtgOptions = z.output<typeof options>;

const exampleDocument =
  '{"prtg":{"result":[' +
  '{"channel":"http_requests_total group=api status=200","value":"2","unit":"Count","mode":"Difference","speedtime":"Second"},' +
  '{"channel":"http_request_duration_seconds group=api p50","value":"250","unit":"TimeResponse","float":"1"},' +
  '{"channel":"http_request_duration_seconds group=api p90","value":"500","unit":"TimeResponse","float":"1"},' +
  '{"channel":"http_request_duration_seconds group=api p99","value":"500","unit":"TimeResponse","float":"1"},' +
  '{"channel":"check_up","value":"1","unit":"Count","limitminerror":"0.5","limitmode":"1"}' +
  '],"text":"5 channels, measured until 2026-11-20T16:00:10.000Z"}}';

export const prtg = defineOutput({
  name: "prtg",
  summary: "Shows the latest values in PRTG, as channels of sensors.",
  options,
  examples: [
    {
      title: "Pushed to a probe, one sensor for each source",
      options: { url: "http://probe.example:5050" },
      given: { replies: { "http://probe.example:5050/watchpost-shop": { status: 200 } } },
      batches: [exampleBatch],
      expect: { posted: { "http://probe.example:5050/watchpost-shop": [exampleDocument] } },
    },
    {
      title: "Served to a probe that asks, and what is up in a sensor of its own",
      options: { mode: "pull", sensors: { up: { metrics: "*_up" } }, staleAfter: "52w" },
      batches: [
        { ...exampleBatch, samples: exampleBatch.samples.slice(0, 1) },
        { ...exampleBatch, seq: 8, samples: exampleBatch.samples.slice(2) },
      ],
      expect: {
        routes: {
          "/prtg/watchpost-shop.json":
            '{"prtg":{"result":[{"channel":"http_requests_total group=api status=200","value":"2","unit":"Count","mode":"Difference","speedtime":"Second"}],"text":"1 channel, measured until 2026-11-20T16:00:10.000Z"}}',
          "/prtg/up.json":
            '{"prtg":{"result":[{"channel":"shop check_up","value":"1","unit":"Count","limitminerror":"0.5","limitmode":"1"}],"text":"1 channel, measured until 2026-11-20T16:00:10.000Z"}}',
        },
      },
    },
  ],

  async open(given, context) {
    const { channelsMax } = given;
    const channels = new PrtgChannels({ place: createPlace(given), channelsMax }, context.state);
    return {
      async write(batches, signal) {
        const touched = new Set(batches.flatMap((batch) => [...channels.add(batch)]));
        const sensors = [...touched].flatMap((token) => [...channels.sensors(token)]);
        const problem =
          given.mode === "push" ? await push(given, context, sensors, signal) : undefined;
        const { refused } = channels;
        const full =
          refused > 0 ? `${refused} samples had no room in ${channelsMax} channels` : undefined;
        context.report(problem ?? full);
      },
      state: () => channels.toBytes(),
      get routes() {
        return given.mode === "pull"
          ? [...channels.sensors()].map((one) => toRoute(given, context, one))
          : [];
      },
    };
  },
});

/** Where a sample goes. What is shown of several sources names the source. */
function createPlace({
  token,
  sensors,
}: PrtgOptions): (source: string, sample: Sample) => PrtgPlace {
  const own = Object.entries(sensors).map(([id, { sources, metrics }]) => ({
    token: id,
    sources,
    pattern: metrics && toPattern(metrics),
    isShared: sources?.length !== 1,
  }));
  const isShared = !token.includes("{source}");
  return (source: string, sample: Sample): PrtgPlace => {
    const chosen = own.find(
      ({ sources, pattern }) =>
        (sources?.includes(source) ?? true) && (pattern?.test(sample.name) ?? true),
    );
    const name = toChannelName(sample);
    return {
      token: chosen?.token ?? token.replaceAll("{source}", source),
      name: (chosen?.isShared ?? isShared) ? `${source} ${name}` : name,
    };
  };
}

/** `http_requests_total group=api status=200` */
function toChannelName({ name, labels }: Sample): string {
  let text = name;
  for (const label in labels) {
    text += ` ${label}=${labels[label]}`;
  }
  return text;
}

function toPattern(globs: readonly string[]): RegExp {
  const alternatives = globs.map((glob) => RegExp.escape(glob).replaceAll("\\*", ".*"));
  return new RegExp(`^(?:${alternatives.join("|")})$`, "s");
}

function toDocument(sensor: PrtgSensor): string {
  const { channels, missing, to } = sensor;
  const count = `${channels.length} channel${channels.length === 1 ? "" : "s"}`;
  const text = `${count}, measured until ${toInstant(to)}`;
  const note = missing.length === 0 ? "" : `; not measured then: ${missing.join(", ")}`;
  return toPrtgDocument(channels, `${text}${note}`);
}

/**
 * Sends each sensor. One that PRTG refuses keeps no other from being sent: resolves to what is wrong with the first of
 * these. Throws when the probe cannot be reached, or asks for time.
 */
async function push(
  { url = "", tls: files }: PrtgOptions,
  context: OutputContext,
  sensors: readonly PrtgSensor[],
  signal: AbortSignal,
): Promise<string | undefined> {
  const tls = files && (await loadTls(files, context.files));
  const headers = { "content-type": "application/json" };
  let problem: string | undefined;
  for (const sensor of sensors) {
    const place = `${url.replace(/\/$/, "")}/${sensor.token}`;
    const body = toDocument(sensor);
    const answer = await ask({ url: place, headers, body, tls, signal }, context);
    if (answer.isTaken) {
      continue;
    }
    const { status, retryAfterMs } = answer;
    if (status === 408 || status === 429 || status >= 500) {
      throw retryAfterMs === undefined
        ? new Error(answer.problem)
        : new RetryLater(answer.problem, retryAfterMs);
    }
    problem ??= `${answer.problem} for the sensor ${sensor.token}; add a sensor of the type HTTP Push Data Advanced with this identification token`;
  }
  return problem;
}

function toRoute(
  { path, staleAfter }: PrtgOptions,
  { now }: OutputContext,
  sensor: PrtgSensor,
): OutputRoute {
  return {
    path: `${path}/${sensor.token}.json`,
    summary: `The channels of the sensor ${sensor.token} for PRTG.`,
    async handle() {
      const isStale = now() - sensor.to > staleAfter;
      const body = isStale
        ? toPrtgError(`nothing was measured since ${toInstant(sensor.to)}`)
        : toDocument(sensor);
      // An error has to be a success for PRTG to show its text.
      return { status: 200, headers: { "content-type": "application/json" }, body };
    },
  };
}
