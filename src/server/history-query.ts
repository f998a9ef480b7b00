// What the routes that ask the history share: their parameters, and what its refusals become.
import { z } from "zod";
import { errorCodes, type ErrorCode } from "../core/errors.ts";
import { type Selector, parseSelector } from "../core/selector.ts";
import { parseDuration } from "../core/units.ts";
import {
  HistoryUnavailable,
  QueryInvalid,
  QueryTooLarge,
  type TimeRange,
} from "../history/history.ts";
import { HttpProblem } from "./http-problem.ts";

/** `metric{label="value"}` → a selector. */
export function selector(): z.ZodPipe<z.ZodString, z.ZodTransform<Selector, string>> {
  return z.string().transform((text, context) => {
    const parsed = parseSelector(text);
    if (parsed.problem !== undefined) {
      context.addIssue({ code: "custom", message: parsed.problem });
      return z.NEVER;
    }
    return parsed.selector;
  });
}

/** An instant as ISO 8601, or a duration that means "so long ago", → a function from now to milliseconds. */
export function instant(): z.ZodPipe<z.ZodString, z.ZodTransform<(now: number) => number, string>> {
  return z.string().transform((text, context) => {
    const agoMs = parseDuration(text);
    if (agoMs !== undefined) {
      return (now) => now - agoMs;
    }
    const at = Date.parse(text);
    if (Number.isNaN(at)) {
      const message =
        "is neither an instant such as 2026-11-20T16:00:00Z nor a duration such as 6h";
      context.addIssue({ code: "custom", message });
      return z.NEVER;
    }
    return () => at;
  });
}

/** The parameters `from` and `to`; the last hour unless given. */
export const rangeParameters = {
  from: instant().prefault("1h").describe("Where the range begins: an instant, or how long ago."),
  to: instant().prefault("0s").describe("Where it ends; now unless given."),
};

/** Throws HttpProblem 400 for a range that ends before it begins. */
export function toRange(
  given: { readonly from: (now: number) => number; readonly to: (now: number) => number },
  now: number,
): TimeRange {
  const range = { from: given.from(now), to: given.to(now) };
  if (range.from >= range.to) {
    throw new HttpProblem(400, "REQUEST_INVALID", "from is not before to");
  }
  return range;
}

/** `auto`, or a step as a duration; undefined stands for `auto`. */
export function step(): z.ZodPipe<z.ZodString, z.ZodTransform<number | undefined, string>> {
  return z.string().transform((text, context) => {
    const ms = text === "auto" ? undefined : parseDuration(text);
    if (ms === undefined && text !== "auto") {
      context.addIssue({ code: "custom", message: "is neither auto nor a duration such as 1m" });
      return z.NEVER;
    }
    return ms;
  });
}

/** Steps that people can read off an axis, in milliseconds. */
const steps = [10, 30, 60, 120, 300, 600, 900, 1800, 3600, 7200, 21_600, 43_200, 86_400].map(
  (seconds) => seconds * 1000,
);
const hourMs = 3_600_000;
const hoursFromMs = 5 * 24 * hourMs;

/** The finest readable step that yields no more than so many points. */
export function toStepMs(
  given: number | undefined,
  { from, to }: TimeRange,
  pointsMax = 360,
): number {
  // Of five days on, whole hours: they are kept merged, and reading shorter steps would take thirty times as long.
  const finest = Math.max((to - from) / pointsMax, to - from > hoursFromMs ? hourMs : 0);
  return given ?? steps.find((ms) => ms >= finest) ?? steps.at(-1) ?? 0;
}

/** `a,b` → ["a", "b"]; nothing for an empty text. */
export function list(): z.ZodPipe<z.ZodString, z.ZodTransform<readonly string[], string>> {
  return z.string().transform((text) =>
    text
      .split(",")
      .map((one) => one.trim())
      .filter(Boolean),
  );
}

/** Turns what the history refuses into an answer for the client. */
export async function askHistory<Answer>(ask: () => Promise<Answer>): Promise<Answer> {
  try {
    return await ask();
  } catch (error) {
    if (error instanceof QueryTooLarge || error instanceof QueryInvalid) {
      throw new HttpProblem(400, toCode(error.code), error.message);
    }
    if (error instanceof HistoryUnavailable) {
      throw new HttpProblem(503, toCode(error.code), error.message);
    }
    throw error;
  }
}

function toCode(code: string): ErrorCode {
  return Object.keys(errorCodes).find((one): one is ErrorCode => one === code) ?? "REQUEST_INVALID";
}
