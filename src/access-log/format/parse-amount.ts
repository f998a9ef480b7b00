// Numbers as logs hold them.

const plain = /^\+?(?:\d+\.?\d*|\.\d+)(?:[eE][+-]?\d+)?$/;
const exactDigits = 15;

/**
 * A number of a log divided by `divisor`; undefined when it is none, or negative. Up to 15 digits
 * without an exponent, it is one division of integers, so that a scanner can do the same.
 */
export function parseAmount(text: string, divisor: number): number | undefined {
  if (!plain.test(text)) {
    return undefined;
  }
  const digits = text.replace("+", "").replace(".", "");
  if (/[eE]/.test(text) || digits.length > exactDigits) {
    const amount = Number(text) / divisor;
    return Number.isFinite(amount) ? amount : undefined;
  }
  const places = text.includes(".") ? text.length - text.indexOf(".") - 1 : 0;
  return Number(digits) / (10 ** places * divisor);
}

const unitSeconds: Readonly<Record<string, number>> = {
  h: 3600,
  m: 60,
  s: 1,
  ms: 1e-3,
  us: 1e-6,
  µs: 1e-6,
  μs: 1e-6,
  ns: 1e-9,
};

const withUnits = /^\+?(?:\d+(?:\.\d+)?(?:h|ms|m|s|us|µs|μs|ns))+$/;

/** `1.5ms`, `2m3.5s`: a duration of Go and its like, in seconds; undefined when it is none. */
export function parseUnitSeconds(text: string): number | undefined {
  if (!withUnits.test(text)) {
    return undefined;
  }
  let total = 0;
  for (const [, amount, unit = ""] of text.matchAll(/(\d+(?:\.\d+)?)([a-zµμ]+)/g)) {
    total += Number(amount) * (unitSeconds[unit] ?? Number.NaN);
  }
  return total;
}
