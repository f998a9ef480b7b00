// Names for requests that no rule names: their path with what varies in it taken out.

const segmentsMax = 6;

interface Kind {
  readonly pattern: RegExp;
  readonly name: string;
}

/** Of a whole segment, or of one before its file extension; the first that matches. */
const kinds: readonly Kind[] = [
  { pattern: /^\d{4}-\d{2}(?:-\d{2})?(?:T[\d:.]+Z?)?$/, name: "{date}" },
  { pattern: /^[+-]?\d+(?:[.,:_-]\d+)*$/, name: "{id}" },
  { pattern: /^[0-9a-f]{8}-(?:[0-9a-f]{4}-){3}[0-9a-f]{12}$/i, name: "{uuid}" },
  { pattern: /^(?=[a-f]*\d)[0-9a-f]{8,}$/i, name: "{hex}" },
  { pattern: /^(?=[^\d]*\d)(?=[^A-Za-z]*[A-Za-z])[\w=~-]{20,}$/, name: "{token}" },
  { pattern: /^[^@]+@[^@]+\.[^@]+$/, name: "{email}" },
];

/** Digits at the end of a word, or a hash behind a dash: `order-1234`, `app-3f2a9c1b`. */
const tailPattern = /([._-])(?:\d+|(?=[a-f]*\d)[0-9a-f]{6,})$/i;
const extensionPattern = /^(.+)(\.[A-Za-z]\w{0,5})$/;

/**
 * `/users/123/orders?x=1` → `/users/{id}/orders`. Numbers, dates, UUIDs, hexadecimal and other
 * long tokens become their kind in braces; behind the sixth segment stands `…`.
 */
export function toPathTemplate(target: string): string {
  const path = target.split(/[?#;]/, 1)[0] ?? "";
  const segments = path.split("/");
  const kept = segments.slice(0, segmentsMax + 1).map(toSegment);
  return `${kept.join("/")}${segments.length > segmentsMax + 1 ? "/…" : ""}`;
}

function toSegment(segment: string): string {
  if (!/\d|@|[0-9a-f]{8}/i.test(segment)) {
    return segment;
  }
  const whole = kindOf(segment);
  if (whole !== undefined) {
    return whole;
  }
  const [, stem = segment, extension = ""] = extensionPattern.exec(segment) ?? [];
  return `${kindOf(stem) ?? stem.replace(tailPattern, "$1{id}")}${extension}`;
}

function kindOf(text: string): string | undefined {
  return kinds.find(({ pattern }) => pattern.test(text))?.name;
}
