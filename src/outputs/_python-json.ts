// JSON as Python's json.dumps writes it, for readers that compare texts: a blank after each comma and colon, escapes
// for everything that is not ASCII, and floats that show that they are.

/** A number that Python has as a float: 7 is `7.0`. */
export function toPythonFloat(value: number): string {
  const text = String(value);
  if (Number.isInteger(value) && Math.abs(value) < 1e16) {
    return `${value}.0`;
  }
  const isSmall = value !== 0 && Math.abs(value) < 1e-4;
  const written = isSmall || Math.abs(value) >= 1e16 ? value.toExponential() : text;
  return written.replace(/e([+-])(\d)$/, "e$10$2");
}

export function toPythonText(value: string): string {
  return JSON.stringify(value).replaceAll(
    /[\u007f-\uffff]/g,
    (char) => `\\u${char.charCodeAt(0).toString(16).padStart(4, "0")}`,
  );
}

export function toPythonTexts(values: readonly (string | undefined)[]): string {
  const items = values.map((value) => (value === undefined ? "null" : toPythonText(value)));
  return `[${items.join(", ")}]`;
}
