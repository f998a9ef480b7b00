import { z } from "zod";
import { defineOutput } from "../core/component.ts";
import { oneOrMore, secret } from "../core/options.ts";
import { loadTls, tlsFiles } from "../core/tls-files.ts";
import { createEachOnce } from "./_each-once.ts";
import { exampleBatch, exampleLine } from "./_example-batch.ts";
import { ask } from "./_post.ts";
import { checkWebhookAnswer, toWebhookKey, toWebhookMessage } from "./_webhook-message.ts";

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
    const keys = given.secret.map(toWebhookKey);
    const own = { ...(authorization !== undefined && { authorization: authorization.reveal() }) };
    const eachOnce = createEachOnce();
    return {
      batchesMax: 50,
      async write(batches, signal) {
        const tls = given.tls && (await loadTls(given.tls, context.files));
        const isGzipped = compression === "gzip";
        await eachOnce(batches, async (batch) => {
          const message = toWebhookMessage(batch, context.now(), keys);
          const headers = { ...message.headers, ...own };
          const { body } = message;
          checkWebhookAnswer(await ask({ url, headers, body, isGzipped, tls, signal }, context));
        });
      },
    };
  },
});
