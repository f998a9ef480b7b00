import type { ComponentChildren, JSX } from "preact";
import { usePage } from "../page.ts";
import { describeRange, lastRanges, live, type Range, stepRange } from "../ranges.ts";
import { type Route, toFragment } from "../route.ts";

/** Which time is shown. All of it are links: a view can be kept, sent and gone back to. */
export function RangePicker(): JSX.Element {
  const { route } = usePage();
  const { range } = route.value;
  return (
    <nav class="ranges" aria-label="Time">
      <ul class="segments">
        <RangeLink to={live} isCurrent={range.kind === "live"}>
          Live
        </RangeLink>
        {lastRanges.map((one) => (
          <RangeLink
            key={one.name}
            to={one}
            isCurrent={range.kind === "last" && range.name === one.name}
          >
            {one.label}
          </RangeLink>
        ))}
      </ul>
      {range.kind !== "live" && <Steps range={range} />}
      <Comparison route={route.value} />
    </nav>
  );
}

function RangeLink({
  to,
  isCurrent,
  children,
}: {
  readonly to: Range;
  readonly isCurrent: boolean;
  readonly children: ComponentChildren;
}): JSX.Element {
  const { route } = usePage();
  return (
    <li>
      <a
        href={toFragment(route.value, { range: to })}
        aria-current={isCurrent ? "true" : undefined}
      >
        {children}
      </a>
    </li>
  );
}

/** As much time before and after, and between them what was dragged over. */
function Steps({ range }: { readonly range: Range }): JSX.Element {
  const { route, store } = usePage();
  const { now } = store.frame.value;
  const to = (direction: -1 | 1): string =>
    toFragment(route.value, { range: stepRange(range, now, direction) });
  const isLatest = range.kind !== "fixed" || range.to >= now;
  return (
    <span class="steps">
      <a href={to(-1)} aria-label="Earlier" title="Earlier">
        ‹
      </a>
      {range.kind === "fixed" && <span class="range-text">{describeRange(range)}</span>}
      {!isLatest && (
        <a href={to(1)} aria-label="Later" title="Later">
          ›
        </a>
      )}
    </span>
  );
}

/** What is live has no week before it: then the latest 15 minutes are compared. */
function Comparison({ route }: { readonly route: Route }): JSX.Element {
  const { range, isCompared } = route;
  return (
    <label class="compare" title="Draws the same time of the week before as dashed lines">
      <input
        type="checkbox"
        checked={isCompared}
        onChange={(event) => {
          const isWanted = event.currentTarget.checked;
          const compared = isWanted && range.kind === "live" ? lastRanges[0] : range;
          location.hash = toFragment(route, { isCompared: isWanted, range: compared });
        }}
      />
      a week before
    </label>
  );
}
