import { z } from "zod";

/** "2026-11-20T14:33:37" of an instant, in milliseconds since the epoch, in one zone. */
export type ToLocalTime = (ms: number) => string;

/** `local` is the machine's zone; else `utc` or a name of the IANA data base. Throws RangeError for another. */
export function createLocalTime(zone: string): ToLocalTime {
  if (zone === "local") {
    return (ms) => toText(ms - new Date(ms).getTimezoneOffset() * 60_000);
  }
  const format = new Intl.DateTimeFormat("sv-SE", {
    timeZone: zone,
    dateStyle: "short",
    timeStyle: "medium",
  });
  return (ms) => format.format(ms).replace(" ", "T");
}

function toText(ms: number): string {
  return new Date(ms).toISOString().slice(0, 19);
}

/** The option of outputs whose times have no zone. */
export function localTimeZone(): z.ZodDefault<z.ZodString> {
  return z
    .string()
    .refine(isZone, "is no time zone; write `local`, `utc` or a name such as Europe/Madrid")
    .default("local")
    .describe("Zone of the times: `local`, `utc` or a name such as Europe/Madrid.");
}

function isZone(zone: string): boolean {
  try {
    createLocalTime(zone);
    return true;
  } catch {
    return false;
  }
}
