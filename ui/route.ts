// The view is in the fragment of the address, so that it can be linked to and the server needs to
// know nothing of it.
import { live, parseRange, type Range, toRangeText } from "./ranges.ts";

export interface Route {
  /** What is looked at besides the sources. */
  readonly page: "sources" | "outputs";
  /** The source that is looked at; undefined for the overview. */
  readonly source: string | undefined;
  /** The group of requests that is looked at; undefined for all. */
  readonly group: string | undefined;
  readonly range: Range;
  /** Whether the same time a week before is drawn too. */
  readonly isCompared: boolean;
}

export const overview: Route = {
  page: "sources",
  source: undefined,
  group: undefined,
  range: live,
  isCompared: false,
};

/**
 * "#/sources/shop?range=6h&group=cart&compare=week"; a view that is not understood is the overview.
 */
export function parseRoute(fragment: string): Route {
  const [path = "", query = ""] = splitOnce(fragment, "?");
  const options = new URLSearchParams(query);
  const [, id] = /^#\/sources\/([^/]+)$/.exec(path) ?? [];
  const source = id === undefined ? undefined : decode(id);
  const range = parseRange(options.get("range") ?? "");
  return {
    page: path === "#/outputs" ? "outputs" : "sources",
    source,
    group: source === undefined ? undefined : (options.get("group") ?? undefined),
    range,
    isCompared: range.kind !== "live" && options.get("compare") === "week",
  };
}

/** Of `route`, with `changes`. */
export function toFragment(route: Route, changes: Partial<Route> = {}): string {
  const { page, source, group, range, isCompared } = { ...route, ...changes };
  const path =
    page === "outputs"
      ? "#/outputs"
      : source === undefined
        ? "#/"
        : `#/sources/${encodeURIComponent(source)}`;
  const options = [
    range.kind === "live" ? "" : `range=${toRangeText(range)}`,
    group === undefined || source === undefined ? "" : `group=${encodeURIComponent(group)}`,
    isCompared && range.kind !== "live" ? "compare=week" : "",
  ].filter((option) => option !== "");
  return options.length === 0 ? path : `${path}?${options.join("&")}`;
}

function decode(text: string): string | undefined {
  try {
    return decodeURIComponent(text);
  } catch {
    return undefined;
  }
}

function splitOnce(text: string, separator: string): string[] {
  const at = text.indexOf(separator);
  return at === -1 ? [text] : [text.slice(0, at), text.slice(at + separator.length)];
}
