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
  label(name: string): string;
  /** For a label of the same name as a metric of the same message. */
  otherLabel(name: string): string;
}

export function createGelfFieldNames(): GelfFieldNames {
  const [metrics, labels, others] = [createCache(), createCache(), createCache()];
  return {
    metric: (name) =>
      metrics(name, (legal) =>
        isReserved(legal) || !legal.includes("_") ? `metric_${legal}` : legal,
      ),
    label: (name) => labels(name, (legal) => (isReserved(legal) ? `label_${legal}` : legal)),
    otherLabel: (name) => others(name, (legal) => `label_${legal}`),
  };
}

function isReserved(name: string): boolean {
  return reserved.has(name) || name.startsWith("gl2_") || /^_*$/.test(name);
}

function createCache(): (name: string, rename: (legal: string) => string) => string {
  const known = new Map<string, string>();
  return (name, rename) => {
    let start = known.get(name);
    if (start === undefined) {
      start = `,"_${rename(name.replaceAll(/[^\w.-]/g, "_"))}":`;
      if (known.size >= namesMax) {
        known.clear();
      }
      known.set(name, start);
    }
    return start;
  };
}
