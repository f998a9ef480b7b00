import { usePage } from "./page.ts";
import { toFixedRange } from "./ranges.ts";
import { toFragment } from "./route.ts";
import type { Window } from "./series.ts";

/**
 * Goes to a stretch of time that was dragged over in a chart; the browser's way back leads to where
 * one was.
 */
export function useZoom(): (window: Window) => void {
  const { route } = usePage();
  return (window) => {
    location.hash = toFragment(route.peek(), { range: toFixedRange(window) });
  };
}
