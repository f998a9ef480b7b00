import { deserialize, serialize } from "node:v8";
import { describeError } from "../core/errors.ts";

/** Where a source stopped, with the kind of source that can tell what it means: an id may change its kind. */
export function toStoredPosition(kind: string, position: unknown): Uint8Array {
  return serialize({ kind, position });
}

/** Either what was stored for this kind, or why there is nothing to go on from, as the end of a sentence. */
export type FoundPosition =
  | { readonly position: unknown; readonly problem?: undefined }
  | { readonly position?: undefined; readonly problem: string };

export function parseStoredPosition(kind: string, stored: Uint8Array): FoundPosition {
  let found: unknown;
  try {
    found = deserialize(stored);
  } catch (error) {
    return { problem: `its stored position is damaged (${describeError(error)})` };
  }
  if (typeof found !== "object" || found === null || !("kind" in found && "position" in found)) {
    return { problem: "its stored position does not say what kind of source it is of" };
  }
  return found.kind === kind
    ? { position: found.position }
    : { problem: `its stored position is of a source of kind ${String(found.kind)}` };
}
