// The view is in the fragment of the address, so that it can be linked to and the server needs to know nothing of it.

export type Route =
  | { readonly view: "overview" }
  | { readonly view: "source"; readonly source: string };

/** "#/sources/shop"; whatever is not understood is the overview. */
export function parseRoute(fragment: string): Route {
  const [, source] = /^#\/sources\/([^/]+)$/.exec(fragment) ?? [];
  if (source === undefined) {
    return { view: "overview" };
  }
  try {
    return { view: "source", source: decodeURIComponent(source) };
  } catch {
    return { view: "overview" };
  }
}

export function toFragment(route: Route): string {
  switch (route.view) {
    case "overview":
      return "#/";
    case "source":
      return `#/sources/${encodeURIComponent(route.source)}`;
  }
}
