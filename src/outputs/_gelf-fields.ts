// Names of additional fields in GELF 1.1 (go2docs.graylog.org/current/getting_in_log_data/gelf.html): `_` and then
// [\w.-]*. Graylog takes the `_` off, forbids `id` and passes over names that it uses itself.

const graylogs =
  "id version host source message short_message full_message timestamp level facility line file streams ttl";
/** See _gelf-message.ts. */
const ours = "service event top top_total window_seconds partial backfill";
const reserved: ReadonlySet<string> = new Set(`${graylogs} ${ours}`.split(" "));

/** Names that are remembered: those of foreign plugins may never end. */
const namesMax = 10_000;

/**
 * The start of a field in JSON, `,"_name":`, for a metric or a label. Elasticsearch takes a field either for text or for
 * numbers, whatever comes first: labels, which are texts, keep their names, and a metric of a single word, which might
 * be called as one, gets `metric_` in front.
 */
export interface GelfFieldNames {
  metric(name: string): string;
  /**
   * Elasticsearch takes a field for whole numbers when its first value is one, and cuts off what comes later: only what
   * never has a fraction may be written without a decimal point.
   */
  isWhole(name: string): boolean;
  label(name: string): string;
  /** For a label of the same name as a metric of the same message. */
  otherLabel(name: string): string;
}

export function createGelfFieldNames(): GelfFieldNames {
  return {
    metric: createCache((name) => {
      const legal = toLegal(name);
      return toStart(isReserved(legal) || !legal.includes("_") ? `metric_${legal}` : legal);
    }),
    isWhole: createCache(
      (name) => /_(?:total|count|bytes)$/.test(name) && !name.endsWith("_seconds_total"),
    ),
    label: createCache((name) => {
      const legal = toLegal(name);
      return toStart(isReserved(legal) ? `label_${legal}` : legal);
    }),
    otherLabel: createCache((name) => toStart(`label_${toLegal(name)}`)),
  };
}

function toLegal(name: string): string {
  return name.replaceAll(/[^\w.-]/g, "_");
}

function toStart(field: string): string {
  return `,"_${field}":`;
}

function isReserved(name: string): boolean {
  return reserved.has(name) || name.startsWith("gl2_") || /^_*$/.test(name);
}

function createCache<Value>(create: (name: string) => Value): (name: string) => Value {
  const known = new Map<string, Value>();
  return (name) => {
    let value = known.get(name);
    if (value === undefined) {
      value = create(name);
      if (known.size >= namesMax) {
        known.clear();
      }
      known.set(name, value);
    }
    return value;
  };
}
