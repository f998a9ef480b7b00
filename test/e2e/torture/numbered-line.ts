// The lines of the torture test: `combined` and more, from which nine metrics of the user's own make a fingerprint.
import { toLogTime } from "../../../src/access-log/format/to-log-time.ts";
import { cellOf, hashOf, quantities, type Quantity, type Table, tables } from "./fingerprint.ts";

/** The status of the first cell. */
export const statusMin = 200;

/** The length of a window. */
export const everyMs = 2000;

/** The options of an access-log source that counts these lines, as YAML in flow style. */
export const sourceOptions = [
  `every: ${everyMs}ms`,
  `format: '$remote_addr - $remote_user [$time_local] "$request" $status $body_bytes_sent ` +
    `"$http_referer" "$http_user_agent" "$host" $request_length $request_time'`,
  `metrics: { ${tables.flatMap((table) => quantities.map((of) => toMetric(table, of))).join(", ")} }`,
].join(", ");

function toMetric(table: Table, quantity: Quantity): string {
  const field = { lines: "", numbers: "field: bytes, ", hashes: "field: bytes_in, " }[quantity];
  return `${table}_${quantity}: { kind: count, ${field}labels: [${table}] }`;
}

/** Without its line end. The number is the path's and the size of the answer; the rest follows from it. */
export function toLine(number: number, timeMs: number): string {
  const user = `user${cellOf("user", number)}`;
  const host = `host${cellOf("host", number)}.example`;
  const status = statusMin + cellOf("status", number);
  const seconds = ((hashOf(number) % 2000) / 1000).toFixed(3);
  return (
    `192.0.2.${number % 250} - ${user} [${toLogTime(timeMs)}] "GET /number/${number} HTTP/1.1" ${status} ` +
    `${number} "-" "torture" "${host}" ${hashOf(number)} ${seconds}`
  );
}

export interface CellLabels {
  readonly table: Table;
  readonly quantity: Quantity;
  readonly cell: number;
}

/** Which sum a sample of `log_metric_…` is; undefined for one without a cell, as of no requests at all. */
export function toCell(labels: Readonly<Record<string, string>>): CellLabels | undefined {
  const [name, of] = (labels["metric"] ?? "").split("_");
  const table = tables.find((one) => one === name);
  const quantity = quantities.find((one) => one === of);
  const label = table && labels[table];
  if (table === undefined || quantity === undefined || label === undefined) {
    return undefined;
  }
  const digits = Number(/\d+/.exec(label)?.[0]);
  return { table, quantity, cell: table === "status" ? digits - statusMin : digits };
}
