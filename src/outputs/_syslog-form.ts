// What messages for syslog look like, and which there are: RFC 5424.
import { z } from "zod";

/** By number, RFC 5424, table 1. */
export const facilities = (
  "kern user mail daemon auth syslog lpr news uucp cron authpriv ftp ntp audit alert clock " +
  "local0 local1 local2 local3 local4 local5 local6 local7"
).split(" ");

/** By number, table 2. */
export const severities = [
  "emerg",
  "alert",
  "crit",
  "err",
  "warning",
  "notice",
  "info",
  "debug",
] as const;
export type Severity = (typeof severities)[number];

/** The options that are about messages. */
export const syslogForm = {
  messages: z
    .enum(["events", "problems", "all"])
    .default("problems")
    .describe(
      "`events`: what happens. `problems`: also each look that finds a check down or unknown, or a " +
        "plugin not well. `all`: also one message for each set of labels, with its measurements.",
    ),
  facility: z.enum(facilities).default("daemon").describe("Facility of every message."),
  severities: z
    .record(z.string().min(1), z.enum(severities))
    .default({})
    .describe(
      "Severities of events, by name, where others are wanted: `err` for what is down or lost, " +
        "`warning` for what is out of order, `notice` for the rest.",
    ),
  appName: z.string().min(1).max(48).default("watchpost").describe("APP-NAME of every message."),
  enterprise: z
    .int()
    .min(1)
    .default(32_473)
    .describe(
      "Private enterprise number of the structured data `[watchpost@…]`: your own, or the one for " +
        "examples (RFC 5612).",
    ),
};

const form = z.object(syslogForm);

export type SyslogForm = z.output<typeof form>;
