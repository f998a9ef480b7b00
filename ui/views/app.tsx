import type { JSX } from "preact";
import { usePage } from "../page.ts";
import { Header } from "./header.tsx";
import { Notices } from "./notices.tsx";
import { Overview } from "./overview.tsx";
import { OutputsView } from "./outputs-view.tsx";
import { SourceView } from "./source-view.tsx";
import { TokenForm } from "./token-form.tsx";

export function App(): JSX.Element {
  const { store } = usePage();
  const locked = store.access.value !== "open";
  return (
    <>
      <Header />
      <p class="visually-hidden" role="status">
        {store.announcement.value}
      </p>
      {locked ? <TokenForm refused={store.access.value === "refused"} /> : <Main />}
    </>
  );
}

function Main(): JSX.Element {
  const { page, source } = usePage().route.value;
  return (
    <main>
      <Notices />
      {page === "outputs" && <OutputsView />}
      {page === "sources" && (source === undefined ? <Overview /> : <SourceView id={source} />)}
    </main>
  );
}
