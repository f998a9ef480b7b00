// A uPlot in an element of the page: as large as the element, and drawn only while it can be seen.
import uPlot from "uplot";
import type { Window } from "./series.ts";

export interface MountedPlot {
  /** Calls the given function now, or, while the chart is out of sight, once it is seen. */
  draw(): void;
  /** Draws again, in colours that may have changed. */
  recolour(): void;
  destroy(): void;
}

/** Fills `mount`, whatever size it has or gets. `draw` hands the plot its data. */
export function mountPlot(
  mount: HTMLElement,
  options: Omit<uPlot.Options, "width" | "height">,
  draw: (plot: uPlot) => void,
): MountedPlot {
  // Made when it is first seen: a page of a hundred charts shows ten.
  let plot: uPlot | undefined;
  let seen = false;
  let stale = true;
  const size = (): { width: number; height: number } => ({
    width: Math.max(mount.clientWidth, 80),
    height: Math.max(mount.clientHeight, 60),
  });

  function drawIfSeen(): void {
    stale = !seen;
    if (seen) {
      plot ??= new uPlot({ ...options, ...size() }, undefined, mount);
      draw(plot);
    }
  }

  const resize = new ResizeObserver(() => plot?.setSize(size()));
  resize.observe(mount);
  const sight = new IntersectionObserver(
    (entries) => {
      seen = entries.at(-1)?.isIntersecting ?? false;
      if (seen && stale) {
        drawIfSeen();
      }
    },
    { rootMargin: "200px" },
  );
  sight.observe(mount);

  return {
    draw: drawIfSeen,
    recolour: () => plot?.redraw(false, true),
    destroy() {
      sight.disconnect();
      resize.disconnect();
      plot?.destroy();
    },
  };
}

/** Narrower is a click, in pixels. */
const dragMin = 8;

/** One cursor for all charts of the page; a stretch of time is dragged over on the chart itself. */
export const sharedCursor: uPlot.Cursor = {
  y: false,
  drag: { x: true, y: false, setScale: false, dist: dragMin },
  bind: { dblclick: () => null },
  sync: {
    key: "watchpost",
    scales: ["x", null],
    filters: {
      pub: (type) => type === "mousemove" || type === "mouseleave",
      sub: () => true,
    },
  },
};

/** The time that was dragged over, which is then no longer marked. */
export function takeSelection(plot: uPlot): Window | undefined {
  const { left, width } = plot.select;
  if (width < dragMin) {
    return undefined;
  }
  const window = { from: plot.posToVal(left, "x"), to: plot.posToVal(left + width, "x") };
  plot.setSelect({ left: 0, top: 0, width: 0, height: 0 }, false);
  return window;
}
