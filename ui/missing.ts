/** Why nothing is known of something, not even that there is nothing. */
export type Missing = "loading" | "failed" | undefined;

/** What is said where there is nothing to draw; `empty` when that is known. */
export function toMissingText(missing: Missing, empty: string | undefined): string | undefined {
  switch (missing) {
    case "loading":
      return "Loading…";
    case "failed":
      return "Could not be loaded.";
    case undefined:
      return empty;
  }
}
