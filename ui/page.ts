import type { ReadonlySignal } from "@preact/signals";
import { createContext } from "preact";
import { useContext } from "preact/hooks";
import type { Past } from "./past.ts";
import type { Route } from "./route.ts";
import type { Session } from "./session.ts";
import type { Store } from "./store.ts";
import type { Appearance } from "./theme.ts";

/** What every view may use. */
export interface Page {
  readonly store: Store;
  readonly session: Session;
  readonly appearance: Appearance;
  /** What the address asks for. */
  readonly route: ReadonlySignal<Route>;
  readonly past: Past;
}

export const PageContext = createContext<Page | undefined>(undefined);

/** Throws outside of the page. */
export function usePage(): Page {
  const page = useContext(PageContext);
  if (page === undefined) {
    throw new Error("A view was drawn outside of the page.");
  }
  return page;
}
