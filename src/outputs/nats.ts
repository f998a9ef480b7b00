import { z } from "zod";
import { defineOutput } from "../core/component.ts";
import { oneOrMore, secret } from "../core/options.ts";
import { tlsFiles } from "../core/tls-files.ts";
import { exampleBatch, exampleLine } from "./_example-batch.ts";
import { createNatsPublisher } from "./_nats-client.ts";
import { subjectTemplate, toNatsMessage } from "./_nats-subject.ts";

export const nats = defineOutput({
  name: "nats",
  summary: "Publishes each batch as JSON to a subject of NATS, or into a stream of JetStream.",
  options: z
    .strictObject({
      servers: oneOrMore(z.string().regex(/^[^\s/]+:\d+$/, "is not host:port")).describe(
        "Servers of one cluster, each `host:port`: the next one is asked when one does not answer.",
      ),
      subject: subjectTemplate,
      jetstream: z
        .boolean()
        .default(false)
        .describe(
          "Waits until a stream has stored each batch. Without it, a batch for which nobody listens is gone.",
        ),
      username: z.string().min(1).optional().describe("User."),
      password: secret().optional().describe("The user's password."),
      token: secret().optional().describe("Token, instead of user and password."),
      tls: tlsFiles.optional().describe("Insists on TLS, and how to trust and be trusted."),
    })
    .refine(({ username, password }) => (username === undefined) === (password === undefined), {
      path: ["password"],
      message: "and username belong together; name both, or none",
    }),
  examples: [
    {
      title: "A subject for each source",
      options: { servers: "nats.example:4222", token: { env: "NATS_TOKEN" } },
      given: {
        secrets: { NATS_TOKEN: "t0ken" },
        listeners: {
          "nats.example:4222": {
            greeting: 'INFO {"headers":true,"max_payload":1048576}\r\n',
            answers: { "PING\r\n": "PONG\r\n" },
          },
        },
      },
      batches: [exampleBatch],
      expect: {
        sent: {
          "tcp://nats.example:4222": [
            'CONNECT {"verbose":false,"pedantic":false,"tls_required":false,"name":"watchpost","lang":"node","version":"1","protocol":1,"headers":true,"no_responders":true,"auth_token":"t0ken"}\r\nPING\r\n' +
              `HPUB watchpost.shop 65 ${65 + exampleLine.length}\r\nNATS/1.0\r\nNats-Msg-Id: batch_1720156cfd7066e541096038a6b71417\r\n\r\n${exampleLine}\r\nPING\r\n`,
          ],
        },
      },
    },
  ],

  async open(given, context) {
    const publisher = createNatsPublisher(given, context);
    return {
      async write(batches, signal) {
        await publisher.publish(
          batches.map((batch) => toNatsMessage(given.subject, batch)),
          signal,
        );
      },
      [Symbol.asyncDispose]: () => publisher[Symbol.asyncDispose](),
    };
  },
});
