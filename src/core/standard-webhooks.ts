// Signatures of Standard Webhooks, symmetric (github.com/standard-webhooks/standard-webhooks, spec/standard-webhooks.md).
import { createHmac } from "node:crypto";

export interface SignedMessage {
  /** The same for every attempt: what receivers know repetitions by. Holds no `.`. */
  readonly id: string;
  /** Of this attempt, in seconds since the epoch. */
  readonly timestamp: number;
  /** The very bytes that are sent. */
  readonly body: string;
}

/**
 * The key in a secret such as `whsec_` and base64; undefined for any other text, and for keys that are not 24 to 64
 * bytes long.
 */
export function parseWebhookSecret(text: string): Buffer | undefined {
  const [, base64 = ""] = /^whsec_([A-Za-z0-9+/]+={0,2})$/.exec(text) ?? [];
  const key = Buffer.from(base64, "base64");
  return key.length >= 24 && key.length <= 64 ? key : undefined;
}

/** The headers of a message: one signature for each key, so that a receiver may change its own. */
export function toWebhookHeaders(
  { id, timestamp, body }: SignedMessage,
  keys: readonly Buffer[],
): Readonly<Record<string, string>> {
  const signatures = keys.map((key) => {
    const digest = createHmac("sha256", key).update(`${id}.${timestamp}.${body}`).digest("base64");
    return `v1,${digest}`;
  });
  return {
    "webhook-id": id,
    "webhook-timestamp": String(timestamp),
    ...(signatures.length > 0 && { "webhook-signature": signatures.join(" ") }),
  };
}
