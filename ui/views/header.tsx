import { useSignal } from "@preact/signals";
import type { JSX } from "preact";
import { useEffect } from "preact/hooks";
import { formatAge, formatClock, formatInstant } from "../format.ts";
import { countFailing } from "../outputs.ts";
import { usePage } from "../page.ts";
import { overview, toFragment } from "../route.ts";
import { parseTheme, type Theme, themes } from "../theme.ts";
import { RangePicker } from "./range-picker.tsx";

export function Header(): JSX.Element {
  const { store, route } = usePage();
  const { node, access } = store;
  return (
    <header class="bar">
      <h1>
        <a class="brand" href={toFragment(overview, { range: route.value.range })}>
          Watchpost
        </a>
      </h1>
      {node.value && (
        <span class="node">
          <b>{node.value.name}</b> <span class="muted">{node.value.version}</span>
        </span>
      )}
      {access.value === "open" && <Pages />}
      {access.value === "open" && route.value.page === "sources" && <RangePicker />}
      {access.value === "open" ? <LinkState /> : <span class="link" />}
      <ThemeChoice />
    </header>
  );
}

function Pages(): JSX.Element {
  const { route, store } = usePage();
  const { page, range } = route.value;
  const looks = store.readers.value;
  const failing = looks === undefined ? 0 : countFailing(looks.now);
  return (
    <nav class="pages" aria-label="Pages">
      <a href={toFragment(overview, { range })} aria-current={page === "sources" && "page"}>
        Sources
      </a>
      <a
        href={toFragment(overview, { page: "outputs", range })}
        aria-current={page === "outputs" && "page"}
      >
        Outputs
        {failing > 0 && <span class="bad"> {failing} failing</span>}
      </a>
    </nav>
  );
}

/** Whether data flows, and the time of the last. */
function LinkState(): JSX.Element {
  const { link, frame } = usePage().store;
  const { now } = frame.value;
  const time =
    now === 0 ? null : (
      <time dateTime={new Date(now).toISOString()} title={formatInstant(now)}>
        {formatClock(now)}
      </time>
    );
  switch (link.value.state) {
    case "connecting":
      return <span class="link quiet">Connecting…</span>;
    case "live":
      return <span class="link good">Live {time}</span>;
    case "lost":
      return (
        <span class="link warn" title={link.value.reason}>
          Reconnecting
          <span class="wide-only">{time && <>, last data {time}</>}</span>, <Elapsed /> ago
        </span>
      );
  }
}

/** Counts up from when it is first drawn. */
function Elapsed(): JSX.Element {
  const elapsedMs = useSignal(0);
  useEffect(() => {
    const start = performance.now();
    const timer = setInterval(() => {
      elapsedMs.value = performance.now() - start;
    }, 1000);
    return () => clearInterval(timer);
  }, []);
  return <span class="muted">{formatAge(elapsedMs.value)}</span>;
}

const themeNames: Readonly<Record<Theme, string>> = {
  auto: "Auto",
  light: "Light",
  dark: "Dark",
};

function ThemeChoice(): JSX.Element {
  const { theme } = usePage().appearance;
  return (
    <select
      class="theme"
      aria-label="Theme"
      value={theme.value}
      onChange={(event) => {
        theme.value = parseTheme(event.currentTarget.value);
      }}
    >
      {themes.map((one) => (
        <option key={one} value={one}>
          {themeNames[one]}
        </option>
      ))}
    </select>
  );
}
