// From the rows of the rules' file to what they mean. SQLite checks what it writes (STRICT tables), but a damaged page
// can hold anything, hence Corrupt.
import type { SQLOutputValue } from "node:sqlite";
import { Corrupt } from "../core/errors.ts";
import { type Cursor, toCursor } from "../journal/journal.ts";
import type { MeasuredKind } from "./contribution.ts";
import type { Incident } from "./incident.ts";
import type { Pending } from "./instance.ts";

export type Row = Readonly<Record<string, SQLOutputValue>>;

export function toNumber(row: Row, column: string): number {
  return toOptionalNumber(row, column) ?? refuse(column);
}

/** Undefined for NULL. */
export function toOptionalNumber(row: Row, column: string): number | undefined {
  const value = row[column];
  if (value === null) {
    return undefined;
  }
  return typeof value === "number" ? value : refuse(column);
}

export function toText(row: Row, column: string): string {
  const value = row[column];
  return typeof value === "string" ? value : refuse(column);
}

export function toBytes(row: Row, column: string): Uint8Array {
  const value = row[column];
  return value instanceof Uint8Array ? value : refuse(column);
}

export function toStoredCursor(row: Row, column: string): Cursor {
  return toCursor(toText(row, column));
}

/** Undefined for NULL. */
export function toOptionalKind(row: Row, column: string): MeasuredKind | undefined {
  const value = row[column];
  switch (value) {
    case null:
      return undefined;
    case "count":
    case "gauge":
    case "distribution":
    case "distinct":
    case "top":
      return value;
    case undefined:
    default:
      return refuse(column);
  }
}

export function toIncident(row: Row): Incident {
  // oxlint-disable-next-line typescript/no-unsafe-type-assertion -- this very file's owner wrote it
  return JSON.parse(toText(row, "body")) as Incident;
}

/** Undefined while the instance waits for nothing. */
export function toPending(row: Row): Pending | undefined {
  const since = toOptionalNumber(row, "since");
  if (since === undefined) {
    return undefined;
  }
  return {
    since,
    heardAtMs: toNumber(row, "heard_at_ms"),
    value: toNumber(row, "value"),
    isUnknown: toNumber(row, "is_unknown") === 1,
    backfill: toNumber(row, "backfill") === 1,
  };
}

function refuse(column: string): never {
  throw new Corrupt(
    `the column "${column}" of the rules' file holds something else than it should`,
  );
}
