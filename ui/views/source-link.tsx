import type { JSX } from "preact";
import { usePage } from "../page.ts";
import { toFragment } from "../route.ts";

/** To the view of one source, over the time that is looked at. */
export function SourceLink({ id }: { readonly id: string }): JSX.Element {
  const { route } = usePage();
  const { source } = route.value;
  // Another source has other groups.
  const change = source === id ? { source: id } : { source: id, group: undefined };
  return <a href={toFragment(route.value, change)}>{id}</a>;
}
