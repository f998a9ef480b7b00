import type { Row } from "./_rows.ts";

const shownFieldsMax = 3;

/** `shop: http_requests_total 2, http_response_bytes_total 512 (group api, status 200)` */
export function toShortText(source: string, { labels, fields }: Row): string {
  let text = "";
  let shown = 0;
  for (const [name, value] of fields) {
    if (shown === shownFieldsMax) {
      text += ` and ${fields.size - shown} more`;
      break;
    }
    text += `${shown === 0 ? "" : ", "}${name} ${toShortNumber(value)}`;
    shown++;
  }
  let place = "";
  for (const label in labels) {
    place += `${place === "" ? " (" : ", "}${label} ${labels[label]}`;
  }
  return `${source}: ${text}${place === "" ? "" : `${place})`}`;
}

function toShortNumber(value: number): number {
  return Number.isInteger(value) ? value : Number(value.toPrecision(6));
}
