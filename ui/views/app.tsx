import { type ReadonlySignal, useSignal } from "@preact/signals";
import type { JSX } from "preact";
import { useEffect } from "preact/hooks";
import { usePage } from "../page.ts";
import { parseRoute, type Route } from "../route.ts";
import { Header } from "./header.tsx";
import { Notices } from "./notices.tsx";
import { Overview } from "./overview.tsx";
import { SourceView } from "./source-view.tsx";
import { TokenForm } from "./token-form.tsx";

export function App(): JSX.Element {
  const { store } = usePage();
  const route = useRoute();
  const locked = store.access.value !== "open";
  return (
    <>
      <Header />
      <p class="visually-hidden" role="status">
        {store.announcement.value}
      </p>
      {locked ? (
        <TokenForm refused={store.access.value === "refused"} />
      ) : (
        <Main route={route.value} />
      )}
    </>
  );
}

function Main({ route }: { readonly route: Route }): JSX.Element {
  return (
    <main>
      <Notices />
      {route.view === "source" ? <SourceView id={route.source} /> : <Overview />}
    </main>
  );
}

function useRoute(): ReadonlySignal<Route> {
  const route = useSignal(parseRoute(location.hash));
  useEffect(() => {
    const follow = (): void => {
      route.value = parseRoute(location.hash);
      scrollTo(0, 0);
    };
    addEventListener("hashchange", follow);
    return () => removeEventListener("hashchange", follow);
  }, []);
  return route;
}
