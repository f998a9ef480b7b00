// The building blocks of every component's options, on top of zod: quantities with their unit, secrets, matchers.
// Each yields base units after validation, and a readable pattern in the JSON Schema before it.
import { z } from "zod";
import { Secret } from "./secret.ts";
import {
  parseDuration,
  parseSize,
  parseThreshold,
  toDurationText,
  toSizeText,
  type Threshold,
} from "./units.ts";

/**
 * How a quantity's validated value is written in the configuration again. Filled by the builders below; the
 * configuration reads it to print defaults, in `config show` and in the JSON Schema.
 */
export const quantities = z.registry<{ readonly print: (value: unknown) => unknown }>();

/** "10s" → milliseconds. */
export function duration(): z.ZodPipe<z.ZodString, z.ZodTransform<number, string>> {
  const schema = z
    .string({ error: (issue) => ifGiven(issue.input, durationHelp) })
    .meta({ pattern: "^\\s*(?:[0-9]+(?:\\.[0-9]+)?\\s*(?:ms|s|m|min|h|d|w|y)\\s*)+$" })
    .transform((text, context) => {
      const ms = parseDuration(text);
      if (ms === undefined) {
        context.addIssue({ code: "custom", message: durationHelp(text) });
        return z.NEVER;
      }
      return ms;
    });
  quantities.add(schema, {
    print: (value) => (typeof value === "number" ? toDurationText(value) : value),
  });
  return schema;
}

function durationHelp(input: unknown): string {
  return isBareNumber(input)
    ? `has no unit; write ${listQuantities(input, likelyDurationUnits(Number(input)))}`
    : "is not a duration; write a number and its unit, such as 10s, 5m or 1h30m";
}

/** "512 KiB" → bytes. */
export function size(): z.ZodPipe<z.ZodString, z.ZodTransform<number, string>> {
  const schema = z
    .string({ error: (issue) => ifGiven(issue.input, sizeHelp) })
    .meta({ pattern: "^\\s*[0-9]+(?:\\.[0-9]+)?\\s*(?:B|[kMGT]B|[KMGT]iB)\\s*$" })
    .transform((text, context) => {
      const bytes = parseSize(text);
      if (bytes === undefined) {
        context.addIssue({ code: "custom", message: sizeHelp(text) });
        return z.NEVER;
      }
      return bytes;
    });
  quantities.add(schema, {
    print: (value) => (typeof value === "number" ? toExactSizeText(value) : value),
  });
  return schema;
}

function sizeHelp(input: unknown): string {
  return isBareNumber(input)
    ? `has no unit; write ${listQuantities(input, likelySizeUnits(Number(input)))}`
    : "is not a size; write a number and its unit, such as 64 KiB or 1 GiB";
}

function toExactSizeText(bytes: number): string {
  const text = toSizeText(bytes);
  return parseSize(text) === bytes ? text : `${bytes} B`;
}

/** Which of several was meant, nobody can know from the number; some can be ruled out. */
function likelyDurationUnits(amount: number): readonly string[] {
  const finest = amount >= 10 && Number.isInteger(amount) ? ["ms"] : [];
  const coarsest = amount <= 1_000 ? ["d"] : [];
  return [...finest, "s", "m", "h", ...coarsest];
}

function likelySizeUnits(amount: number): readonly string[] {
  if (amount >= 1_000_000) {
    return [" B"];
  }
  return amount >= 1_000 ? [" B", " KiB", " MiB"] : [" KiB", " MiB", " GiB"];
}

/** "500ms, 500s or 500m". */
function listQuantities(amount: unknown, units: readonly string[]): string {
  const texts = units.map((unit) => `${String(amount).trim()}${unit}`);
  const last = texts.pop() ?? "";
  return texts.length === 0 ? last : `${texts.join(", ")} or ${last}`;
}

function isBareNumber(input: unknown): boolean {
  return (
    typeof input === "number" || (typeof input === "string" && /^\s*\d+(?:\.\d+)?\s*$/.test(input))
  );
}

/** No message for a key that is missing or empty: the configuration says that better. */
function ifGiven(input: unknown, help: (input: unknown) => string): string | undefined {
  return input === undefined || input === null ? undefined : help(input);
}

/** "30/s", "800ms", "5%" or a plain number → a value in the metric's base unit. */
export function threshold(): z.ZodPipe<
  z.ZodUnion<readonly [z.ZodString, z.ZodNumber]>,
  z.ZodTransform<Threshold, string | number>
> {
  const help =
    "is not a threshold; write a number, a rate such as 30/s, a duration, a size or a percentage";
  const schema = z
    .union([z.string(), z.number()], { error: (issue) => ifGiven(issue.input, () => help) })
    .transform((input, context) => {
      const parsed = parseThreshold(input);
      if (parsed === undefined) {
        context.addIssue({ code: "custom", message: help });
        return z.NEVER;
      }
      return parsed;
    });
  quantities.add(schema, { print: printThreshold });
  return schema;
}

function printThreshold(value: unknown): unknown {
  if (typeof value !== "object" || value === null || !("value" in value)) {
    return value;
  }
  const amount = Number(value.value);
  const unit = "unit" in value ? value.unit : "none";
  const perSecond = "perSecond" in value && value.perSecond === true;
  const text = printAmount(amount, unit);
  return perSecond ? `${text}/s` : unit === "none" ? amount : text;
}

function printAmount(amount: number, unit: unknown): string {
  switch (unit) {
    case "time":
      return `${amount}s`;
    case "size":
      return `${amount} B`;
    case "ratio":
      return `${Number((amount * 100).toPrecision(12))}%`;
    default:
      return String(amount);
  }
}

const filePathHelp =
  "is taken as it is written: ~ and $HOME mean nothing here; write the whole path";

/**
 * A path, or a pattern of paths. What only a shell would replace is refused, since it would otherwise name a file that
 * never appears.
 */
export function filePath(): z.ZodString {
  return z
    .string()
    .min(1)
    .refine((path) => !/^~|\$(?:[A-Za-z_]|\{)/.test(path), filePathHelp);
}

/** One value or a list of them → always a list. */
export function oneOrMore<Item extends z.ZodType>(
  item: Item,
): z.ZodPipe<
  z.ZodUnion<readonly [Item, z.ZodArray<Item>]>,
  z.ZodTransform<z.output<Item>[], z.output<Item> | z.output<Item>[]>
> {
  return z
    .union([item, z.array(item)])
    .transform((input): z.output<Item>[] => (isList<z.output<Item>>(input) ? input : [input]));
}

function isList<Item>(input: Item | Item[]): input is Item[] {
  return Array.isArray(input);
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
    env: z.string().min(1).describe("Environment variable that holds the value."),
  });
  const file = z.strictObject({
    file: filePath().describe("File whose first line is the value; it may belong to root alone."),
  });
  return z
    .union([env, file], { error: (issue) => ifGiven(issue.input, () => secretHelp) })
    .transform((place) => new Secret(place));
}
