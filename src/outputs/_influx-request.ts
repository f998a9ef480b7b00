// Writing to InfluxDB over HTTP (docs.influxdata.com/influxdb/v1/tools/api, …/v2/api).
import { z } from "zod";
import type { OutputContext } from "../core/component.ts";
import { secret } from "../core/options.ts";
import { tlsFiles } from "../core/tls-files.ts";
import { type Answer, type Post, toRefusalError } from "./_post.ts";

export const influxOptions = z
  .strictObject({
    url: z
      .url({ protocol: /^https?$/ })
      .describe("Where InfluxDB answers, such as http://influx.example:8086."),
    database: z.string().min(1).optional().describe("InfluxDB 1: the database; it has to exist."),
    retentionPolicy: z
      .string()
      .min(1)
      .optional()
      .describe("InfluxDB 1: the retention policy; the database's own when left out."),
    username: z.string().min(1).optional().describe("InfluxDB 1: the user."),
    password: secret().optional().describe("InfluxDB 1: the user's password."),
    bucket: z.string().min(1).optional().describe("InfluxDB 2 and 3: the bucket."),
    org: z.string().min(1).optional().describe("InfluxDB 2: the organisation, by name or id."),
    token: secret().optional().describe("InfluxDB 2 and 3: a token that may write."),
    compression: z.enum(["gzip", "none"]).default("gzip").describe("Of what is sent."),
    tls: tlsFiles.optional().describe("How to trust and be trusted, with https."),
  })
  .superRefine(({ database, bucket, username, password, token }, context) => {
    const fail = (path: string, message: string): void =>
      context.addIssue({ code: "custom", path: [path], message });
    if ((database === undefined) === (bucket === undefined)) {
      fail("database", "or a bucket is needed, and not both; InfluxDB 1 has databases, 2 buckets");
    }
    if ((username === undefined) !== (password === undefined)) {
      fail("password", "and username belong together; name both, or none");
    }
    if (bucket !== undefined && token === undefined) {
      fail("token", "is missing; a bucket takes nothing without one");
    }
  });

/** Where to post lines, and how to be let in. */
export function toRequest(given: z.output<typeof influxOptions>): Pick<Post, "url" | "headers"> {
  const { database, retentionPolicy, username, password, bucket, org, token } = given;
  const query = new URLSearchParams({
    precision: "ns",
    ...(database !== undefined && { db: database }),
    ...(retentionPolicy !== undefined && { rp: retentionPolicy }),
    ...(bucket !== undefined && { bucket }),
    ...(org !== undefined && { org }),
  });
  const path = bucket === undefined ? "write" : "api/v2/write";
  const basic = Buffer.from(`${username}:${password?.reveal()}`).toString("base64");
  return {
    url: `${given.url.replace(/\/$/, "")}/${path}?${query.toString()}`,
    headers: {
      "content-type": "text/plain; charset=utf-8",
      ...(username !== undefined && { authorization: `Basic ${basic}` }),
      ...(token !== undefined && { authorization: `Token ${token.reveal()}` }),
    },
  };
}

/** What was refused in part is shown for so long. */
const shownMs = 3_600_000;

/**
 * Looks at answers; throws as OpenOutput.write does. A partial write is one: the points that InfluxDB names are lost for
 * good, all others are stored.
 */
export function createAnswerCheck({
  now,
  report,
  countRefused,
}: Pick<OutputContext, "now" | "report" | "countRefused">): (answer: Answer) => void {
  let shownUntil: number | undefined;
  return (answer) => {
    if (answer.isTaken) {
      if (shownUntil !== undefined && now() >= shownUntil) {
        shownUntil = undefined;
        report(undefined);
      }
      return;
    }
    const [partial, dropped] = /partial write.*?(?:dropped=(\d+)|$)/s.exec(answer.problem) ?? [];
    if (partial === undefined) {
      throw toRefusalError(answer);
    }
    shownUntil = now() + shownMs;
    countRefused(Number(dropped ?? 1));
    report(answer.problem);
  };
}
