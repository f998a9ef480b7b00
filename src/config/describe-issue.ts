// zod's issues in the words of the people who write the file. What a component says itself is left as it is.
import type { z } from "zod";
import { listKeys, quoteKey } from "./_findings.ts";
import { suggest } from "./_nearest.ts";

/** The message of a union that says nothing itself: its branches are looked at instead. */
export const unionMessage = "fits none of what may stand here";

/** zod's error map: "what is wrong; what would be right". Never repeats a value, which may be a secret. */
export function describeIssue(issue: z.core.$ZodRawIssue): string | undefined {
  switch (issue.code) {
    case "invalid_type":
      return describeType(String(issue.expected), issue.input);
    case "invalid_value":
      return describeChoice(issue.values, issue.input);
    case "invalid_union":
      return describeUnion(issue);
    case "too_small":
      return describeLimit(issue.origin, "at least", issue.minimum, issue.inclusive);
    case "too_big":
      return describeLimit(issue.origin, "at most", issue.maximum, issue.inclusive);
    case "not_multiple_of":
      return `must be a multiple of ${issue.divisor}`;
    case "invalid_format":
      return describeFormat(issue);
    case "invalid_key":
      return issue.issues[0]?.message ?? "is not a key that may stand here";
    case "invalid_element":
      return "holds a value that may not stand here";
    case "unrecognized_keys":
      return "is not known here";
    case "custom":
      return "is not valid";
    default:
      return undefined;
  }
}

/** "text", "a number" …: what zod calls an expected type. */
export function toTypeText(expected: string): string {
  const texts: Readonly<Record<string, string>> = {
    string: "text",
    number: "a number",
    int: "a whole number",
    bigint: "a whole number",
    boolean: "true or false",
    array: "a list",
    tuple: "a list",
    set: "a list",
    object: "keys with values",
    record: "keys with values",
    map: "keys with values",
    null: "empty",
  };
  return Object.hasOwn(texts, expected) ? (texts[expected] ?? expected) : expected;
}

export function toGivenText(input: unknown): string {
  if (input === null || input === undefined) {
    return "nothing";
  }
  if (Number.isNaN(input)) {
    return ".nan";
  }
  return toTypeText(Array.isArray(input) ? "array" : typeof input);
}

function describeType(expected: string, input: unknown): string {
  const wrong = `must be ${toTypeText(expected)}, not ${toGivenText(input)}`;
  if (expected === "int" && typeof input === "number") {
    return "must be a whole number";
  }
  return `${wrong}${correction(expected, input)}`;
}

function correction(expected: string, input: unknown): string {
  const isPlain = typeof input === "number" || typeof input === "boolean";
  if (expected === "string" && isPlain) {
    return "; put it in quotes";
  }
  if (expected === "number" && typeof input === "string" && /^\s*-?\d+(\.\d+)?\s*$/.test(input)) {
    return "; write it without quotes";
  }
  if (expected === "array") {
    return "; write [a, b], or one a line with a dash before it";
  }
  if (expected === "object" || expected === "record") {
    return "; write each as `key: value`, indented below it";
  }
  return "";
}

function describeChoice(values: readonly unknown[], input: unknown): string {
  const choices = values.map(String);
  const hint = typeof input === "string" ? suggest(input, choices) : "";
  return `must be ${listKeys(choices, "or")}${hint}`;
}

function describeUnion(issue: z.core.$ZodRawIssue<z.core.$ZodIssueInvalidUnion>): string {
  if (issue.discriminator === undefined || !Array.isArray(issue.options)) {
    return unionMessage;
  }
  const input: unknown = issue.input;
  const key = issue.discriminator;
  const given: unknown =
    typeof input === "object" && input !== null && Object.hasOwn(input, key)
      ? Reflect.get(input, key)
      : undefined;
  const choice = describeChoice(issue.options, given);
  return given === undefined ? `is missing; ${choice.replace("must", "it must")}` : choice;
}

function describeLimit(
  origin: string,
  bound: "at least" | "at most",
  limit: number | bigint,
  inclusive = true,
): string {
  const isText = origin === "string";
  if (isText || origin === "array" || origin === "set" || origin === "map" || origin === "file") {
    const unit = isText ? "character" : "item";
    return limit === 1 && bound === "at least"
      ? "is empty; write something, or leave the key out"
      : `must have ${bound} ${limit} ${unit}${limit === 1 ? "" : "s"}`;
  }
  if (inclusive) {
    return `must be ${bound} ${limit}`;
  }
  return `must be ${bound === "at least" ? "more" : "less"} than ${limit}`;
}

function describeFormat(issue: z.core.$ZodRawIssue<z.core.$ZodIssueInvalidStringFormat>): string {
  const formats: Readonly<Record<string, string>> = {
    url: "is not a URL; write one such as https://shop.example/",
    email: "is not an e-mail address; write one such as ops@shop.example",
    ipv4: "is not an IPv4 address; write one such as 192.0.2.10",
    ipv6: "is not an IPv6 address; write one such as 2001:db8::10",
    cidrv4: "is not an IPv4 network; write one such as 192.0.2.0/24",
    cidrv6: "is not an IPv6 network; write one such as 2001:db8::/32",
    datetime: "is not an instant; write one such as 2026-01-31T12:00:00Z",
    hostname: "is not a host name; write one such as shop.example",
  };
  const known = Object.hasOwn(formats, issue.format) ? formats[issue.format] : undefined;
  if (known !== undefined) {
    return known;
  }
  if ("prefix" in issue) {
    return `must begin with ${quoteKey(String(issue.prefix))}`;
  }
  if ("suffix" in issue) {
    return `must end with ${quoteKey(String(issue.suffix))}`;
  }
  return "pattern" in issue
    ? `does not have the right form; it must match ${quoteKey(issue.pattern ?? "")}`
    : `is not a valid ${issue.format}`;
}
