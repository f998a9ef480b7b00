import type { JSX } from "preact";
import { formatAge, formatAgeShort, formatInstant } from "../format.ts";
import { usePage } from "../page.ts";

/** How long ago an instant was, by the journal's time; the instant itself as a tooltip. */
export function Ago({
  at,
  short = false,
}: {
  readonly at: string;
  /** In its largest unit alone. */
  readonly short?: boolean;
}): JSX.Element {
  const { now } = usePage().store.frame.value;
  const ms = Date.parse(at);
  return (
    <time dateTime={at} title={formatInstant(ms)}>
      {now === 0 ? "–" : (short ? formatAgeShort : formatAge)(now - ms)}
    </time>
  );
}

/** How long something took, from one instant to another. */
export function Lasted({ from, to }: { readonly from: string; readonly to: string }): JSX.Element {
  const [start, end] = [Date.parse(from), Date.parse(to)];
  return (
    <span title={`${formatInstant(start)} – ${formatInstant(end)}`}>{formatAge(end - start)}</span>
  );
}
