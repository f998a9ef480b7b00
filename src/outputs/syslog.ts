import { z } from "zod";
import { defineOutput } from "../core/component.ts";
import { gauge } from "../core/sample.ts";
import { exampleBatch } from "./_example-batch.ts";
import {
  type LineReceiver,
  checkLineReceiver,
  lineReceiverOptions,
  openLineOutput,
} from "./_line-receiver.ts";
import { syslogForm } from "./_syslog-form.ts";
import { toSyslogMessages } from "./_syslog-message.ts";

/** What receivers take unless they are told otherwise. */
const streamBytesMax = 8_192;

export const syslog = defineOutput({
  name: "syslog",
  summary: "Sends events, problems or everything to syslog, as messages of RFC 5424.",
  options: z
    .strictObject({
      ...lineReceiverOptions("udp", 514),
      ...syslogForm,
    })
    .superRefine(checkLineReceiver),
  examples: [
    {
      title: "What happens, and every measurement, over TCP",
      options: { host: "log.example", transport: "tcp", messages: "all" },
      given: { listeners: { "log.example:514": {} } },
      batches: [
        {
          ...exampleBatch,
          samples: exampleBatch.samples.slice(0, 1),
          events: [{ at: exampleBatch.to, name: "check_down", labels: {}, text: "It is down." }],
        },
      ],
      expect: {
        sent: {
          "tcp://log.example:514": [
            '202 <30>1 2026-11-20T16:00:10.000Z shop watchpost - metrics [watchpost@32473 group="api" service="web" source="shop" status="200" http_requests_total="2"] shop: http_requests_total 2 (group api, status 200)' +
              '135 <27>1 2026-11-20T16:00:10.000Z shop watchpost - check_down [watchpost@32473 service="web" source="shop" event="check_down"] It is down.',
          ],
        },
      },
    },
    {
      title: "What is wrong",
      options: { host: "log.example", facility: "local3" },
      batches: [{ ...exampleBatch, samples: [gauge("check_up", 0)] }],
      expect: {
        sent: {
          "udp://log.example:514": [
            '<155>1 2026-11-20T16:00:10.000Z shop watchpost - check_up [watchpost@32473 service="web" source="shop" check_up="0"] shop: check_up 0',
          ],
        },
      },
    },
  ],

  open: (given, context) =>
    openLineOutput(
      given,
      {
        toLines: (batch) => toSyslogMessages(given, batch, bytesMaxOf(given)),
        // Octet counting (RFC 6587, section 3.4.1; RFC 5425): a message may hold anything.
        isCounted: true,
      },
      context,
    ),
});

function bytesMaxOf({ transport, packetSize }: LineReceiver): number {
  return transport === "udp" ? packetSize : streamBytesMax;
}
