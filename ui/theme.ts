// Light, dark, or as the system says. The colours are custom properties of styles/tokens.css;
// canvases need them resolved.
import { effect, type Signal, signal } from "@preact/signals";

export type Theme = "auto" | "light" | "dark";

export const themes: readonly Theme[] = ["auto", "light", "dark"];

export interface Appearance {
  readonly theme: Signal<Theme>;
  /** A new number whenever colours may have changed. */
  readonly version: Signal<number>;
  /** "rgb(0, 114, 178)" for "--series-1". */
  colour(property: string): string;
}

const themeKey = "watchpost.theme";

/** Takes the choice from `storage` and keeps it there. One for the page. */
export function createAppearance(storage: Storage, root: HTMLElement): Appearance {
  const theme = signal(parseTheme(storage.getItem(themeKey)));
  const version = signal(0);
  const resolved = new Map<string, string>();
  const changed = (): void => {
    resolved.clear();
    version.value++;
  };

  effect(() => {
    root.dataset["theme"] = theme.value;
    storage.setItem(themeKey, theme.value);
    // Not within the effect, which would then depend on what it changes.
    queueMicrotask(changed);
  });
  matchMedia("(prefers-color-scheme: dark)").addEventListener("change", changed);

  return {
    theme,
    version,
    colour(property) {
      const held = resolved.get(property) ?? resolveColour(property, root);
      resolved.set(property, held);
      return held;
    },
  };
}

/** Whatever is not a theme is "auto". */
export function parseTheme(text: string | null): Theme {
  return themes.find((theme) => theme === text) ?? "auto";
}

/**
 * A custom property reads as it was written, `light-dark(…)` and all; only a real property is
 * resolved.
 */
function resolveColour(property: string, root: HTMLElement): string {
  const swatch = document.createElement("i");
  swatch.hidden = true;
  swatch.style.color = `var(${property})`;
  root.append(swatch);
  const { color } = getComputedStyle(swatch);
  swatch.remove();
  return color;
}

/** "rgb(0, 114, 178)" at `alpha`. */
export function withAlpha(colour: string, alpha: number): string {
  return colour.replace(/^rgb\((.*)\)$/, `rgba($1, ${alpha})`);
}
