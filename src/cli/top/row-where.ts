// The condition under which a line belongs to a row, as the user would write it.
import { parseWhere } from "../../access-log/scan/where.ts";
import { keyCharsMax } from "../../core/top.ts";

/** `client = "192.0.2.7"`; undefined for a key that no condition can name. */
export function toTextWhere(field: string, key: string): string | undefined {
  const text = `${field} = ${quote(key)}`;
  const { condition } = parseWhere(text);
  const isMeant = condition?.kind === "text" && condition.value === key;
  return isMeant && key.length < keyCharsMax ? text : undefined;
}

/** Of a target without its query: `target ~ "^/cart/show([?]|$)"`. */
export function toTargetWhere(path: string): string | undefined {
  const pattern = `^${path.replaceAll(/[.*+?^${}()|[\]\\]/g, String.raw`\$&`)}([?]|$)`;
  const text = `target ~ ${quote(pattern)}`;
  const { condition } = parseWhere(text);
  const isMeant = condition?.kind === "text" && condition.value === pattern;
  return isMeant && path.startsWith("/") && path.length < keyCharsMax ? text : undefined;
}

/** `status = 404`; undefined for `none`. */
export function toStatusWhere(status: string): string | undefined {
  return /^\d+$/.test(status) ? `status = ${Number(status)}` : undefined;
}

/** Both have to hold. */
export function joinWhere(one: string, other: string): string {
  return one === "" ? other : `${inBrackets(one)} and ${inBrackets(other)}`;
}

function inBrackets(text: string): string {
  return /\bor\b/i.test(text) ? `(${text})` : text;
}

function quote(text: string): string {
  return `"${text.replaceAll('"', String.raw`\"`)}"`;
}
