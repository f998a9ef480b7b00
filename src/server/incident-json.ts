import { z } from "zod";
import { toInstant } from "../core/batch-json.ts";
import type { Incident } from "../rules/incident.ts";

/** An incident in the API's answers and on its stream. Instants are ISO 8601 in UTC, values in base units. */
export const incidentJson = z.object({
  id: z.string().describe("The same in every replay of the same journal."),
  rule: z.string(),
  source: z.string(),
  service: z.string(),
  labels: z.record(z.string(), z.string()),
  metric: z.string(),
  openedAt: z.iso.datetime(),
  clearedAt: z.iso.datetime().nullable().describe("Null while it is open."),
  clearReason: z.enum(["recovered", "rule_changed", "rule_removed", "source_removed"]).nullable(),
  value: z.number().describe("What was compared when it opened."),
  worst: z.number(),
  last: z.number(),
  condition: z.string().describe('"above 30/s"'),
  summary: z.string().describe("One line for people, as of its opening."),
  backfill: z.boolean().describe("Opened on data older than live."),
});

export function toIncidentJson(incident: Incident): z.output<typeof incidentJson> {
  const { openedAt, clearedAt, clearReason, worstValue, lastValue, ...same } = incident;
  return {
    ...same,
    openedAt: toInstant(openedAt),
    clearedAt: clearedAt === undefined ? null : toInstant(clearedAt),
    clearReason: clearReason ?? null,
    worst: worstValue,
    last: lastValue,
  };
}
