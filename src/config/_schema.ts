// What may stand in the file, apart from the options of components and rules.
import { z } from "zod";
import { duration, filePath, oneOrMore, secret, size } from "../core/options.ts";
import { logLevels } from "./config.ts";
import { isLoopback, parseListenAddress } from "./listen-address.ts";

/** The ids of sources, outputs and rules: they become labels, parts of URLs and of file names. */
export const idPattern = /^[A-Za-z0-9][A-Za-z0-9._-]{0,63}$/;

const everyMinMs = 100;
const everyMaxMs = 7 * 86_400_000;

const listenHelp = "is not an address and a port; write one such as 127.0.0.1:8080 or '[::1]:8080'";
const hostHelp =
  "is not a host name; write the name alone, such as watchpost.example.org, without scheme and port";

const listen = z
  .string({
    error: ({ input }) => (input === undefined || input === null ? undefined : listenHelp),
  })
  .transform((text, context) => {
    const address = parseListenAddress(text);
    if (address === undefined) {
      context.addIssue({ code: "custom", message: listenHelp });
      return z.NEVER;
    }
    return address;
  });

const server = z
  .strictObject({
    listen: listen
      .prefault("127.0.0.1:8080")
      .describe("Address and port of the page and the API. Anything but loopback needs a token."),
    token: secret().optional().describe("What requests have to bring along to be answered."),
    hosts: oneOrMore(
      z
        .string()
        .regex(/^(?:[A-Za-z0-9.-]+|[0-9A-Fa-f:]+)$/, hostHelp)
        .transform((name) => name.toLowerCase()),
    )
      .prefault([])
      .describe("Further host names under which the page may be called, such as that of a proxy."),
  })
  .superRefine(({ listen: { host }, token }, context) => {
    if (!isLoopback(host) && token === undefined) {
      const message =
        "lets other machines in, and no token is set; add `token: { env: WATCHPOST_TOKEN }` below `server`, or listen on 127.0.0.1";
      context.addIssue({ code: "custom", path: ["listen"], message, params: { code: "unsafe" } });
    }
  });

const history = z
  .strictObject({
    "10s": duration().prefault("2d").describe("How long points of 10 seconds are kept."),
    "1m": duration().prefault("30d").describe("How long points of a minute are kept."),
    "1h": duration().prefault("2y").describe("How long points of an hour are kept."),
  })
  .superRefine((ages, context) => {
    for (const [finer, coarser] of [
      ["10s", "1m"],
      ["1m", "1h"],
    ] as const) {
      if (ages[coarser] < ages[finer]) {
        const message = `is shorter than that of ${finer}; keep the coarser points at least as long`;
        context.addIssue({ code: "custom", path: [coarser], message });
      }
    }
  });

const journal = z.strictObject({
  age: duration()
    .refine((ms) => ms > 0, "is nothing; write at least 1m")
    .prefault("7d")
    .describe("Batches older than this are removed."),
  size: size()
    .refine((bytes) => bytes >= 2 ** 20, "is too small to work with; write at least 1 MiB")
    .prefault("1 GiB")
    .describe("The oldest batches are removed when the journal takes more room than this."),
});

const entries = z.record(z.string(), z.unknown()).prefault({});

/** The whole file. What stands below an id in the maps is checked on its own. */
export const rootSchema = z.strictObject({
  node: z
    .strictObject({
      name: z
        .string()
        .min(1)
        .max(255)
        .optional()
        .describe("Name of this node on the page and in outputs; the machine's when left out."),
    })
    .prefault({})
    .describe("This running Watchpost."),
  log: z
    .strictObject({
      level: z.enum(logLevels).default("info").describe("The least important lines to write."),
      console: z.boolean().default(true).describe("Writes to standard error."),
      file: filePath().optional().describe("Appends to this file; reopened on SIGHUP."),
    })
    .prefault({})
    .describe("Watchpost's own log."),
  data: filePath()
    .default("./watchpost-data")
    .describe("Folder for everything that is kept; relative to this file's folder."),
  retention: z
    .strictObject({
      journal: journal.prefault({}).describe("What waits for outputs; whichever is reached first."),
      history: history.prefault({}).describe("What charts are drawn from."),
    })
    .prefault({})
    .describe("How long things are kept."),
  server: server.prefault({}).describe("The page and the API."),
  sources: entries.describe("What is observed, by ids of your own."),
  outputs: entries.describe("Where measurements go, by ids of your own."),
  rules: entries.describe("When an incident is raised, by ids of your own."),
});

export type Root = z.output<typeof rootSchema>;

type KindKey = z.ZodEnum<Record<string, string>>;

function kindKey(kinds: readonly string[], what: string): KindKey {
  return z
    .enum(Object.fromEntries(kinds.map((kind) => [kind, kind])))
    .describe(`${what}: ${kinds.join(", ")}.`);
}

const sourceShape = {
  service: z
    .string()
    .min(1)
    .optional()
    .describe("What the source is part of; incidents and the page are grouped by it."),
  every: duration()
    .refine((ms) => ms >= everyMinMs && ms <= everyMaxMs, "is out of range; write 100ms to 7d")
    .optional()
    .describe("How often to look, or how long a window lasts."),
  outputs: oneOrMore(z.string())
    .optional()
    .describe("Ids of the only outputs that get what it measures; every output when left out."),
};

/** The keys that every source takes beside its own options. */
export function sourceKeys(
  kinds: readonly string[],
): z.ZodObject<{ kind: KindKey } & typeof sourceShape, z.core.$strict> {
  return z.strictObject({ kind: kindKey(kinds, "What observes"), ...sourceShape });
}

const metricPatterns = oneOrMore(
  z.string().regex(/^\S+$/, "is not a metric name; write one such as http_*"),
).refine((list) => list.length > 0, "is empty; name at least one metric, or leave the key out");

const labelName = z
  .string()
  .regex(
    /^[A-Za-z_][A-Za-z0-9_]*$/,
    "is not a label name; write letters, digits and `_`, and no digit first",
  );

const outputShape = {
  only: metricPatterns.optional().describe("Metrics to send; `*` stands for any characters."),
  except: metricPatterns
    .optional()
    .describe("Metrics to leave out, also of those in `only`; `*` as there."),
  labels: z
    .record(labelName, z.string())
    .optional()
    .describe("Labels that are set on everything that is sent."),
};

/** The keys that every output takes beside its own options. */
export function outputKeys(
  kinds: readonly string[],
): z.ZodObject<{ kind: KindKey } & typeof outputShape, z.core.$strict> {
  return z.strictObject({ kind: kindKey(kinds, "Where to"), ...outputShape });
}
