import { computed, effect, type ReadonlySignal, signal } from "@preact/signals";
import { render } from "preact";
import { isOpen } from "./incidents.ts";
import { PageContext } from "./page.ts";
import { createPast } from "./past.ts";
import { parseRoute, type Route } from "./route.ts";
import { startSession } from "./session.ts";
import { createStore, type Store } from "./store.ts";
import { createAppearance } from "./theme.ts";
import { pause, sleep } from "./waiting.ts";
import { toPastRequest } from "./past-request.ts";
import { App } from "./views/app.tsx";

/**
 * Between two frames: nobody reads faster, and a replay of thousands of batches is drawn in a few.
 */
const frameMinMs = 100;

/** Nobody waits longer for something to happen. */
const patienceMs = 400;

const store = createStore((draw) => setTimeout(() => requestAnimationFrame(draw), frameMinMs));
const session = startSession(store, sessionStorage);
const route = followAddress();
const now = (): number => store.frame.peek().now;
const patience = (aborted: AbortSignal): Promise<void> => sleep(patienceMs, aborted);
const page = {
  store,
  session,
  route,
  past: createPast({ api: session.api, now, pause, patience }),
  appearance: createAppearance(localStorage, document.documentElement),
};
// Sources are loaded every few seconds; what is asked for changes only when their kinds do.
const isTimeKnown = computed(() => store.frame.value.now > 0);
const pastRequest = computed(() =>
  isTimeKnown.value ? toPastRequest(route.value, store.sources.value) : undefined,
);
const requestKey = computed(() => JSON.stringify([pastRequest.value, store.access.value]));
effect(() => {
  if (requestKey.value !== "") {
    page.past.show(pastRequest.peek());
  }
});
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

function followAddress(): ReadonlySignal<Route> {
  const followed = signal(parseRoute(location.hash));
  addEventListener("hashchange", () => {
    const next = parseRoute(location.hash);
    const before = followed.peek();
    if (next.source !== before.source || next.page !== before.page) {
      scrollTo(0, 0);
    }
    followed.value = next;
  });
  return followed;
}
