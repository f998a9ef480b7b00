import { z } from "zod";
import { toBatchJson } from "../core/batch-json.ts";
import type { Batch } from "../core/batch.ts";
import { toBatchId } from "./_batch-id.ts";
import { toLegalText } from "./_legal-text.ts";
import type { NatsMessage } from "./_nats-protocol.ts";

/** The option of that name. */
export const subjectTemplate = z
  .string()
  .regex(
    /^(?:[^\s.*>{}]|\{source\}|\{service\})+(?:\.(?:[^\s.*>{}]|\{source\}|\{service\})+)*$/u,
    "is not a subject; write words with dots in between, each may hold {source} or {service}",
  )
  .default("watchpost.{source}")
  .describe("Where to publish; `{source}` and `{service}` stand for those of the batch.");

/** A batch as JSON, with what its subject becomes. */
export function toNatsMessage(subject: string, batch: Batch): NatsMessage {
  const payload = JSON.stringify(toBatchJson(batch));
  return {
    subject: subject
      .replaceAll("{source}", toToken(batch.source))
      .replaceAll("{service}", toToken(batch.service || "-")),
    id: toBatchId(payload),
    payload,
  };
}

/** One word of a subject. */
function toToken(text: string): string {
  return toLegalText(text, /[\s.*>\p{Cc}]/gu);
}
