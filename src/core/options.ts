// The building blocks of every component's options, on top of zod: quantities with their unit, secrets, matchers.
// Each yields base units after validation, and a readable pattern in the JSON Schema before it.
import { z } from "zod";
import { Secret } from "./secret.ts";
import { parseDuration, parseSize, parseThreshold, type Threshold } from "./units.ts";

/** "10s" → milliseconds. */
export function duration(): z.ZodPipe<z.ZodString, z.ZodTransform<number, string>> {
  return z.string({ error: durationHelp }).transform((text, context) => {
    const ms = parseDuration(text);
    if (ms === undefined) {
      context.addIssue({ code: "custom", message: durationHelp(text) });
      return z.NEVER;
    }
    return ms;
  });
}

function durationHelp(issue: unknown): string {
  return `is not a duration; write a number and its unit, such as 10s, 5m or 1h30m${bareNumber(issue, "s")}`;
}

/** "512 KiB" → bytes. */
export function size(): z.ZodPipe<z.ZodString, z.ZodTransform<number, string>> {
  return z.string({ error: sizeHelp }).transform((text, context) => {
    const bytes = parseSize(text);
    if (bytes === undefined) {
      context.addIssue({ code: "custom", message: sizeHelp(text) });
      return z.NEVER;
    }
    return bytes;
  });
}

function sizeHelp(issue: unknown): string {
  return `is not a size; write a number and its unit, such as 64 KiB or 1 GiB${bareNumber(issue, " MiB")}`;
}

/** For a bare number, the likeliest correction. */
function bareNumber(issue: unknown, unit: string): string {
  const input =
    typeof issue === "object" && issue !== null && "input" in issue ? issue.input : issue;
  const isNumber = typeof input === "number" || (typeof input === "string" && /^\d+$/.test(input));
  return isNumber ? ` (perhaps ${String(input)}${unit})` : "";
}

/** "30/s", "800ms", "5%" or a plain number → a value in the metric's base unit. */
export function threshold(): z.ZodPipe<
  z.ZodUnion<readonly [z.ZodString, z.ZodNumber]>,
  z.ZodTransform<Threshold, string | number>
> {
  const help =
    "is not a threshold; write a number, a rate such as 30/s, a duration, a size or a percentage";
  return z.union([z.string(), z.number()], help).transform((input, context) => {
    const parsed = parseThreshold(input);
    if (parsed === undefined) {
      context.addIssue({ code: "custom", message: help });
      return z.NEVER;
    }
    return parsed;
  });
}

const secretHelp =
  "is not a secret; keep the value out of this file and write { env: NAME } or { file: PATH }";

/** `{ env: NAME }` or `{ file: PATH }` → a Secret, which the configuration resolves after validation. */
export function secret(): z.ZodPipe<
  z.ZodUnion<
    readonly [
      z.ZodObject<{ env: z.ZodString }, z.core.$strict>,
      z.ZodObject<{ file: z.ZodString }, z.core.$strict>,
    ]
  >,
  z.ZodTransform<Secret, { env: string } | { file: string }>
> {
  const env = z.strictObject({
    env: z.string().describe("Environment variable that holds the value."),
  });
  const file = z.strictObject({
    file: z.string().describe("File whose first line is the value; it may belong to root alone."),
  });
  return z.union([env, file], secretHelp).transform((place) => new Secret(place));
}
