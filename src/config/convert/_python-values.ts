// What a program in Python made of values that it read from YAML: its int(), float(), str() and its truth.

export function isRecord(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

/** Empty for what is no scalar. */
export function toText(value: unknown): string {
  if (value instanceof Date) {
    return value.toISOString();
  }
  const isScalar =
    typeof value === "number" || typeof value === "boolean" || typeof value === "bigint";
  return typeof value === "string" ? value : isScalar ? String(value) : "";
}

export function isTruthy(value: unknown): boolean {
  const isEmpty = Array.isArray(value)
    ? value.length === 0
    : isRecord(value) && Object.keys(value).length === 0;
  return Boolean(value) && !isEmpty;
}

/** As int(): cuts a fraction off a number, but takes no text with one. Undefined where int() fails. */
export function toInteger(value: unknown): number | undefined {
  if (typeof value === "number" || typeof value === "boolean") {
    const number = Math.trunc(Number(value));
    return Number.isFinite(number) ? number : undefined;
  }
  const text = typeof value === "string" ? value.trim() : "";
  return /^[+-]?\d+(?:_\d+)*$/.test(text) ? Number(text.replaceAll("_", "")) : undefined;
}

/** As float(), with its "nan" and "inf". Undefined where float() fails. */
export function toFloat(value: unknown): number | undefined {
  if (typeof value === "number" || typeof value === "boolean") {
    return Number(value);
  }
  const text = typeof value === "string" ? value.trim().toLowerCase() : "";
  const [, sign = "", word] = /^([+-]?)(nan|inf|infinity)$/.exec(text) ?? [];
  if (word !== undefined) {
    return word === "nan" ? NaN : sign === "-" ? -Infinity : Infinity;
  }
  const isNumber = /^[+-]?(?:\d+(?:_\d+)*\.?(?:\d+(?:_\d+)*)?|\.\d+(?:_\d+)*)(?:e[+-]?\d+)?$/.test(
    text,
  );
  return isNumber ? Number(text.replaceAll("_", "")) : undefined;
}
