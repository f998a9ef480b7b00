// HTML as text, in which everything that comes from a log is escaped.

import { toPrintable } from "./printable.ts";

/** A piece of HTML. Texts become one by `text` alone. */
export interface Html {
  readonly html: string;
}

const entities: Readonly<Record<string, string>> = {
  "&": "&amp;",
  "<": "&lt;",
  ">": "&gt;",
  '"': "&quot;",
  "'": "&#39;",
};

/** For elements and quoted attributes. Control characters become visible. */
export function escapeHtml(text: string): string {
  return toPrintable(text).replaceAll(/[&<>"']/g, (char) => entities[char] ?? "");
}

type Part = Html | string | number | readonly Html[];

/** A template whose values are escaped, unless they are HTML already. */
export function markup(strings: TemplateStringsArray, ...values: readonly Part[]): Html {
  const parts = strings.map((text, at) => {
    const value = values[at];
    return value === undefined ? text : text + toText(value);
  });
  return { html: parts.join("") };
}

function toText(value: Part): string {
  if (typeof value === "string" || typeof value === "number") {
    return escapeHtml(String(value));
  }
  return "html" in value ? value.html : value.map((one) => one.html).join("");
}

export const noHtml: Html = { html: "" };
