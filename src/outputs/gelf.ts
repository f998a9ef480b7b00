import { z } from "zod";
import { type OutputContext, defineOutput } from "../core/component.ts";
import { secret } from "../core/options.ts";
import { exampleBatch } from "./_example-batch.ts";
import { haproxyExampleBatch } from "./_haproxy-example-batch.ts";
import { createGelfHttp } from "./_gelf-http.ts";
import { createGelfEncoder } from "./_gelf-message.ts";
import { createGelfTcp } from "./_gelf-tcp.ts";
import { type GelfTransport, compressions } from "./_gelf-transport.ts";
import { createGelfUdp } from "./_gelf-udp.ts";
import { tlsFiles } from "../core/tls-files.ts";

const options = z
  .strictObject({
    transport: z
      .enum(["udp", "tcp", "tls", "http", "https"])
      .default("udp")
      .describe("How messages travel. Only udp may lose some on their way."),
    host: z.string().min(1).describe("Name or address of the receiver."),
    port: z.int().min(1).max(65_535).default(12_201).describe("Its port."),
    path: z
      .string()
      .startsWith("/")
      .default("/gelf")
      .describe("Where messages are posted to, with http and https."),
    facility: z
      .string()
      .default("watchpost")
      .describe("Value of the field `facility`, by which messages are told from others."),
    compression: z
      .enum(compressions)
      .default("none")
      .describe("Of each message, with udp, http and https."),
    chunkSize: z
      .int()
      .min(512)
      .max(8_192)
      .default(1_420)
      .describe(
        "Largest datagram in bytes, with udp; 8192 where every network in between takes it.",
      ),
    confirm: z
      .boolean()
      .default(true)
      .describe(
        "With tcp and tls, closes the connection after each write and waits until the receiver has " +
          "done so too, which shows that it has read everything. False keeps one connection open; what " +
          "the receiver had not read when it stopped is then lost.",
      ),
    tls: tlsFiles.optional().describe("How to trust and be trusted, with tls and https."),
    authorization: secret()
      .optional()
      .describe("Value of the header `Authorization`, with http and https."),
    haproxy: z
      .enum(["backends", "all"])
      .default("backends")
      .describe(
        "Of HAProxy: `backends` sends one message for each backend, with the fields of " +
          "haproxysessionmon; `all` sends every measurement as of any other source.",
      ),
    sessions: z
      .enum(["current", "rate"])
      .default("current")
      .describe(
        "What `sessions` of a backend are: those that are open, or those that began in the last second, " +
          "as haproxysessionmon counted.",
      ),
  })
  .superRefine(({ transport, compression, tls, authorization }, context) => {
    const fail = (path: string, message: string): void =>
      context.addIssue({ code: "custom", path: [path], message });
    if (compression !== "none" && (transport === "tcp" || transport === "tls")) {
      fail(
        "compression",
        `is not possible over ${transport}; leave it out, or use another transport`,
      );
    }
    if (tls !== undefined && transport !== "tls" && transport !== "https") {
      fail("tls", `means nothing over ${transport}; use transport tls or https, or leave it out`);
    }
    if (authorization !== undefined && transport !== "http" && transport !== "https") {
      fail("authorization", `means nothing over ${transport}; use https, or leave it out`);
    }
  });

export const gelf = defineOutput({
  name: "gelf",
  summary: "Sends measurements and events to Graylog, or whatever else takes GELF 1.1.",
  options,
  examples: [
    {
      title: "One message for each set of labels, with its measurements as fields",
      options: { host: "graylog.example" },
      batches: [exampleBatch],
      expect: {
        sent: {
          "udp://graylog.example:12201": [
            '{"version":"1.1","host":"shop","short_message":"shop: http_requests_total 2 (group api, status 200)","timestamp":1795190410,"level":6,"_facility":"watchpost","_service":"web","_window_seconds":10.0,"_group":"api","_status":"200","_http_requests_total":2}',
            '{"version":"1.1","host":"shop","short_message":"shop: http_request_duration_seconds_count 2, http_request_duration_seconds_sum 0.75, http_request_duration_seconds_min 0.25 and 4 more (group api)","timestamp":1795190410,"level":6,"_facility":"watchpost","_service":"web","_window_seconds":10.0,"_group":"api","_http_request_duration_seconds_count":2,"_http_request_duration_seconds_sum":0.75,"_http_request_duration_seconds_min":0.25,"_http_request_duration_seconds_max":0.5,"_http_request_duration_seconds_p50":0.25,"_http_request_duration_seconds_p90":0.5,"_http_request_duration_seconds_p99":0.5}',
            '{"version":"1.1","host":"shop","short_message":"shop: check_up 1","timestamp":1795190410,"level":6,"_facility":"watchpost","_service":"web","_window_seconds":10.0,"_check_up":1.0}',
          ],
        },
      },
    },
    {
      title: "The backends of an HAProxy, as haproxysessionmon sent them",
      options: { host: "127.0.0.1", facility: "f" },
      batches: [haproxyExampleBatch],
      expect: {
        sent: {
          "udp://127.0.0.1:12201": [
            '{"version": "1.1", "host": "lb-1", "short_message": "3 concurrent requests measured for backend \\"app\\"", "timestamp": 1795185125.661, "level": 6, "_facility": "f", "_sessions": 3, "_backend": "app", "_queued_sessions": 2, "_active_backends": 1, "_http_4xx": 11, "_http_5xx": 12}',
          ],
        },
      },
    },
    {
      title: "Without loss, over TLS with authorities of one's own",
      options: {
        transport: "tls",
        host: "graylog.example",
        facility: "haproxysm",
        sessions: "rate",
        tls: { ca: "/etc/watchpost/ca.pem" },
      },
      given: {
        files: { "/etc/watchpost/ca.pem": "-----BEGIN CERTIFICATE-----\n" },
        listeners: { "graylog.example:12201": {} },
      },
      batches: [haproxyExampleBatch],
      expect: {
        files: { "/etc/watchpost/ca.pem": "-----BEGIN CERTIFICATE-----\n" },
        sent: {
          "tcp://graylog.example:12201": [
            '{"version": "1.1", "host": "lb-1", "short_message": "1 concurrent requests measured for backend \\"app\\"", "timestamp": 1795185125.661, "level": 6, "_facility": "haproxysm", "_sessions": 1, "_backend": "app", "_queued_sessions": 2, "_active_backends": 1, "_http_4xx": 11, "_http_5xx": 12}\0',
          ],
        },
      },
    },
    {
      title: "Over HTTP",
      options: { transport: "http", host: "graylog.example", path: "/inputs/gelf" },
      given: { replies: { "http://graylog.example:12201/inputs/gelf": { status: 202 } } },
      batches: [{ ...exampleBatch, samples: exampleBatch.samples.slice(2) }],
      expect: {
        posted: {
          "http://graylog.example:12201/inputs/gelf": [
            '{"version":"1.1","host":"shop","short_message":"shop: check_up 1","timestamp":1795190410,"level":6,"_facility":"watchpost","_service":"web","_window_seconds":10.0,"_check_up":1.0}',
          ],
        },
      },
    },
  ],

  async open(given, context) {
    const encoder = createGelfEncoder(given);
    const transport = createTransport(given, context);
    return {
      // Each message is a request.
      ...(given.transport.startsWith("http") && { batchesMax: 10 }),
      async write(batches, signal) {
        encoder.begin();
        const encoded = batches.map((batch) => ({
          key: `${batch.source}/${batch.seq}`,
          messages: encoder.encode(batch),
        }));
        const held = encoded.filter(({ messages }) => messages.length > 0);
        if (held.length > 0) {
          await transport.send(held, signal);
        }
        encoder.keep();
      },
      [Symbol.asyncDispose]: () => transport[Symbol.asyncDispose](),
    };
  },
});

function createTransport(given: z.output<typeof options>, context: OutputContext): GelfTransport {
  const { transport, host, port, path, compression, confirm } = given;
  switch (transport) {
    case "udp":
      return createGelfUdp({ host, port, compression, chunkBytes: given.chunkSize }, context);
    case "tcp":
    case "tls": {
      const tls = transport === "tls" ? (given.tls ?? { verify: true }) : undefined;
      return createGelfTcp({ host, port, tls, confirm }, context);
    }
    case "http":
    case "https": {
      const { authorization, tls } = given;
      const name = host.includes(":") ? `[${host}]` : host;
      const url = `${transport}://${name}:${port}${path}`;
      return createGelfHttp({ url, compression, authorization, tls }, context);
    }
  }
}
