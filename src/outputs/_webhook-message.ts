// Batches as messages of Standard Webhooks, and what answers mean there.
import { toBatchJson } from "../core/batch-json.ts";
import type { Batch } from "../core/batch.ts";
import { RetryLater } from "../core/errors.ts";
import type { Secret } from "../core/secret.ts";
import { parseWebhookSecret, toWebhookHeaders } from "../core/standard-webhooks.ts";
import { toBatchId } from "./_batch-id.ts";
import { type Answer, toRefusalError } from "./_post.ts";

/** Who answers 410 wants to hear no more; but what is not sent is kept until somebody has looked at it. */
const goneAgainMs = 3_600_000;

/** The key in a secret. Throws when it is none of Standard Webhooks. */
export function toWebhookKey(secret: Secret): Buffer {
  const key = parseWebhookSecret(secret.reveal());
  if (key === undefined) {
    throw new Error("the secret is none of Standard Webhooks: whsec_ and 24 to 64 bytes in base64");
  }
  return key;
}

export interface WebhookMessage {
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string;
}

/** Its id is the same whenever the batch is sent; its signatures are of the moment, in milliseconds since the epoch. */
export function toWebhookMessage(
  batch: Batch,
  now: number,
  keys: readonly Buffer[],
): WebhookMessage {
  const data = toBatchJson(batch);
  const body = JSON.stringify({ type: "watchpost.batch", timestamp: data.to, data });
  const message = { id: toBatchId(body), timestamp: Math.floor(now / 1000), body };
  const headers = { "content-type": "application/json", ...toWebhookHeaders(message, keys) };
  return { headers, body };
}

/** Throws as OpenOutput.write does, unless the message was taken. */
export function checkWebhookAnswer(answer: Answer): void {
  if (!answer.isTaken) {
    const { status, problem } = answer;
    throw status === 410 ? new RetryLater(problem, goneAgainMs) : toRefusalError(answer);
  }
}
