import { effect } from "@preact/signals";
import { render } from "preact";
import { isOpen } from "./incidents.ts";
import { PageContext } from "./page.ts";
import { startSession } from "./session.ts";
import { createStore, type Store } from "./store.ts";
import { createAppearance } from "./theme.ts";
import { App } from "./views/app.tsx";

/** Between two frames: nobody reads faster, and a replay of thousands of batches is drawn in a few. */
const frameMinMs = 100;

const store = createStore((draw) => setTimeout(() => requestAnimationFrame(draw), frameMinMs));
const page = {
  store,
  session: startSession(store, sessionStorage),
  appearance: createAppearance(localStorage, document.documentElement),
};
effect(() => {
  document.title = toTitle(store);
});
render(
  <PageContext.Provider value={page}>
    <App />
  </PageContext.Provider>,
  document.querySelector("#app") ?? document.body,
);

/** "(2) hub-1 · Watchpost": how many incidents are open can be read from the tab. */
function toTitle({ incidents, node }: Store): string {
  const open = incidents.value?.filter(isOpen).length ?? 0;
  const name = node.value === undefined ? "Watchpost" : `${node.value.name} · Watchpost`;
  return open === 0 ? name : `(${open}) ${name}`;
}
