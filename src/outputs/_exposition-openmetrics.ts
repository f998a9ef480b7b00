import { escapeValue, toLines } from "./_exposition-text.ts";
import type { Family } from "./_metric-families.ts";

/** Units that a name may end in; OpenMetrics wants them said once more. */
const unitSuffix =
  /_(seconds|bytes|ratio|celsius|volts|amperes|watts|joules|hertz|meters|grams|percent)$/;

/** OpenMetrics 1.0 (github.com/prometheus/OpenMetrics, specification/OpenMetrics.md). */
export function toOpenMetrics(families: readonly Family[]): string {
  const names = new Set(families.map(({ name }) => name));
  return `${families.map((family) => toHead(family, names) + toLines(family, toBound)).join("")}# EOF\n`;
}

function toHead(family: Family, names: ReadonlySet<string>): string {
  const { name, type } = toNameAndType(family, names);
  const [, unit] = unitSuffix.exec(name) ?? [];
  return [
    `# TYPE ${name} ${type}\n`,
    unit === undefined ? "" : `# UNIT ${name} ${unit}\n`,
    family.help === undefined ? "" : `# HELP ${name} ${escapeValue(family.help)}\n`,
  ].join("");
}

/**
 * A counter's family is called without the `_total` of its samples. Where that is not possible, because they end
 * otherwise or the name is another metric's, its type is not said: the name of a metric is the same in every format.
 */
function toNameAndType(
  { name, kind }: Family,
  names: ReadonlySet<string>,
): { readonly name: string; readonly type: string } {
  if (kind !== "count") {
    return { name, type: kind === "gauge" ? "gauge" : "histogram" };
  }
  const family = name.replace(/_total$/, "");
  const isFree = family !== "" && family !== name && !names.has(family);
  return isFree && !names.has(`${family}_created`)
    ? { name: family, type: "counter" }
    : { name, type: "unknown" };
}

/** As Go's %g writes numbers, with `.0` behind whole ones: 0.0009765625, 1.0, 1.048576e+06. */
function toBound(bound: number): string {
  const exponent = Math.floor(Math.log10(bound));
  if (exponent >= -4 && exponent < 6) {
    return Number.isInteger(bound) ? `${bound}.0` : String(bound);
  }
  const [digits = "", power = ""] = bound.toExponential().split("e");
  return `${digits}e${power.slice(0, 1)}${power.slice(1).padStart(2, "0")}`;
}
