import { z } from "zod";
import { toBatchJson } from "../core/batch-json.ts";
import type { Batch } from "../core/batch.ts";
import { defineOutput } from "../core/component.ts";
import { RetryLater } from "../core/errors.ts";
import { oneOrMore, secret } from "../core/options.ts";
import type { Secret } from "../core/secret.ts";
import { parseWebhookSecret, toWebhookHeaders } from "../core/standard-webhooks.ts";
import { loadTls, tlsFiles } from "../core/tls-files.ts";
import { toBatchId } from "./_batch-id.ts";
import { createEachOnce } from "./_each-once.ts";
import { exampleBatch, exampleLine } from "./_example-batch.ts";
import { ask, toRefusalError } from "./_post.ts";

/** Who answers 410 wants to hear no more; but what is not sent is kept until somebody has looked at it. */
const goneAgainMs = 3_600_000;

export const webhook = defineOutput({
  name: "webhook",
  summary: "Posts each batch as JSON to an address, signed as Standard Webhooks say.",
  isRepeatable: true,
  options: z.strictObject({
    url: z.url({ protocol: /^https?$/ }).describe("Where to post to."),
    secret: oneOrMore(secret())
      .prefault([])
      .describe(
        "Secrets to sign with, each `whsec_` and base64; two while the receiver changes its own. Without " +
          "one, nothing is signed.",
      ),
    authorization: secret().optional().describe("Value of the header `Authorization`."),
    compression: z.enum(["gzip", "none"]).default("none").describe("Of what is sent."),
    tls: tlsFiles.optional().describe("How to trust and be trusted, with https."),
  }),
  examples: [
    {
      title: "Signed, one request a batch",
      options: { url: "https://hooks.example/watchpost", secret: { env: "HOOK_SECRET" } },
      given: {
        secrets: { HOOK_SECRET: "whsec_MDEyMzQ1Njc4OWFiY2RlZjAxMjM0NTY3ODlhYmNkZWY=" },
        replies: { "https://hooks.example/watchpost": { status: 204 } },
      },
      batches: [exampleBatch],
      expect: {
        posted: {
          "https://hooks.example/watchpost": [
            `{"type":"watchpost.batch","timestamp":"2026-11-20T16:00:10.000Z","data":${exampleLine}}`,
          ],
        },
      },
    },
  ],

  async open(given, context) {
    const { url, authorization, compression } = given;
    const keys = given.secret.map(toKey);
    const eachOnce = createEachOnce();
    return {
      async write(batches, signal) {
        const tls = given.tls && (await loadTls(given.tls, context.files));
        await eachOnce(batches, async (batch) => {
          const message = { ...toMessage(batch), timestamp: Math.floor(context.now() / 1000) };
          const headers = {
            "content-type": "application/json",
            ...(authorization !== undefined && { authorization: authorization.reveal() }),
            ...toWebhookHeaders(message, keys),
          };
          const { body } = message;
          const isGzipped = compression === "gzip";
          const answer = await ask({ url, headers, body, isGzipped, tls, signal }, context);
          if (!answer.isTaken) {
            const { status, problem } = answer;
            throw status === 410 ? new RetryLater(problem, goneAgainMs) : toRefusalError(answer);
          }
        });
      },
    };
  },
});

function toMessage(batch: Batch): { readonly id: string; readonly body: string } {
  const data = toBatchJson(batch);
  const body = JSON.stringify({ type: "watchpost.batch", timestamp: data.to, data });
  return { id: toBatchId(body), body };
}

function toKey(given: Secret): Buffer {
  const key = parseWebhookSecret(given.reveal());
  if (key === undefined) {
    throw new Error("the secret is none of Standard Webhooks: whsec_ and 24 to 64 bytes in base64");
  }
  return key;
}
