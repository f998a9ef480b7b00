// The columns of a row with their types. SQLite checks what it writes (STRICT tables), but not what it reads: a damaged
// page can hold anything, hence Corrupt.
import type { SQLOutputValue } from "node:sqlite";
import { Corrupt } from "../core/errors.ts";

export type Row = Readonly<Record<string, SQLOutputValue>>;

export function toNumber(row: Row, column: string): number {
  const value = row[column];
  return typeof value === "number" ? value : refuse(column, "number");
}

export function toText(row: Row, column: string): string {
  const value = row[column];
  return typeof value === "string" ? value : refuse(column, "text");
}

export function toBytes(row: Row, column: string): Uint8Array {
  const value = row[column];
  return value instanceof Uint8Array ? value : refuse(column, "bytes");
}

/** Undefined for NULL. */
export function toOptionalBytes(row: Row, column: string): Uint8Array | undefined {
  return row[column] === null ? undefined : toBytes(row, column);
}

function refuse(column: string, type: string): never {
  throw new Corrupt(`the column "${column}" of its row is not ${type}`);
}
