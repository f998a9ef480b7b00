// What a stream of JetStream says to a message (docs.nats.io/nats-concepts/jetstream/js_walkthrough, "PubAck").
import { z } from "zod";
import { Permanent } from "../core/errors.ts";
import type { NatsWord } from "./_nats-protocol.ts";

const answerShape = z.looseObject({
  stream: z.string().optional(),
  error: z.looseObject({ code: z.number(), description: z.string().default("") }).optional(),
});

/** Returns when the message was stored, now or earlier. Throws as OpenOutput.write does. */
export function readPublishAnswer(
  answer: Extract<NatsWord, { readonly kind: "message" | "status" }>,
  subject: string,
  place: string,
): void {
  if (answer.kind === "status") {
    throw new Error(`${place} has no stream that takes ${subject}; make one`);
  }
  const { stream, error } = answerShape.parse(JSON.parse(answer.payload));
  if (error !== undefined) {
    const text = `${place} does not store ${subject}: ${error.description}`;
    // 4xx is about the message; 5xx, about the stream: full, or without a leader.
    throw error.code < 500 ? new Permanent(text) : new Error(text);
  }
  if (stream === undefined) {
    throw new Error(`${place}: what answers for ${subject} is no stream`);
  }
}
