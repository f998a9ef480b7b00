// The one field model that every log format maps to: what a value is called, its type, its unit and
// its meaning, whichever server wrote it.

/** How the values of a field are held in an Entry. */
export type FieldKind = "text" | "number" | "instant";

export interface Field {
  /** `number` is never negative; `instant` is a number of milliseconds since the epoch. */
  readonly kind: FieldKind;
  /** Of numbers: what one of them is. Durations are seconds whatever the log's unit was. */
  readonly unit?: "seconds" | "bytes" | "milliseconds";
  readonly meaning: string;
}

function text(meaning: string): Field & { readonly kind: "text" } {
  return { kind: "text", meaning };
}

function number(meaning: string): Field & { readonly kind: "number" } {
  return { kind: "number", meaning };
}

function seconds(meaning: string): Field & { readonly kind: "number" } {
  return { kind: "number", unit: "seconds", meaning };
}

function bytes(meaning: string): Field & { readonly kind: "number" } {
  return { kind: "number", unit: "bytes", meaning };
}

/** By name, in the order in which a page or a table lists them. */
export const fields = {
  time: { kind: "instant", unit: "milliseconds", meaning: "when, to the millisecond" },
  client: text("address or name of the client, as the server knows it"),
  client_port: number("port of the client"),
  peer: text("address at the other end of the connection, when it is not the client (a proxy)"),
  forwarded_for: text("X-Forwarded-For as it came: claimed by the client and its proxies"),
  user: text("authenticated user"),
  method: text("method of the request; absent when the request line is garbage"),
  target: text("request target, from `/` on, with its query where the log has it"),
  query: text("query, where it is logged apart from the target"),
  protocol: text("protocol with version, such as HTTP/1.1"),
  scheme: text("http or https"),
  host: text("host that was asked for; the server's name where only that is logged"),
  server_name: text("name of the server (virtual host) that answered"),
  port: number("port of the server"),
  status: number("status of the answer, 0 to 999"),
  bytes: bytes("size of the answer: its body where the log has that, else with its header"),
  bytes_sent: bytes("size of the answer with its header, where the body is logged too"),
  bytes_in: bytes("size of the request"),
  duration: seconds("from the first byte of the request to the last of the answer"),
  first_byte_duration: seconds("from the request to the first byte of the answer"),
  upstream_duration: seconds("spent waiting for upstreams or backend servers: all tries together"),
  connect_duration: seconds("spent connecting to upstreams: all tries together"),
  upstream_header_duration: seconds("until the header of the upstream's answer: all tries"),
  receive_duration: seconds("HAProxy TR or Tq: until the request had arrived"),
  handshake_duration: seconds("HAProxy Th: TLS and PROXY handshakes"),
  idle_duration: seconds("HAProxy Ti: kept alive before the request"),
  queue_duration: seconds("HAProxy Tw: waiting in queues"),
  data_duration: seconds("HAProxy Td: sending the answer"),
  total_duration: seconds("HAProxy Tt, when Ta is logged too: from the accept to the end"),
  referrer: text("Referer of the request"),
  agent: text("User-Agent of the request"),
  upstream: text("address of the upstream that answered: the last tried"),
  upstream_status: number("status of the last upstream tried"),
  upstream_bytes: bytes("size of the upstream's answers: all tries together"),
  cache: text("state of the cache: HIT, MISS, pass …"),
  tls_version: text("version of TLS"),
  tls_cipher: text("cipher of TLS"),
  tls_server_name: text("server name of the TLS handshake (SNI)"),
  request_id: text("unique id of the request"),
  requests_on_connection: number("requests on this connection so far"),
  connection_state: text("state of the connection after the answer: X, + or -"),
  frontend: text("frontend; with `~` behind its name when it came by TLS"),
  backend: text("backend"),
  server: text("server in the backend"),
  termination: text("HAProxy's termination state, such as SC--: who ended the session, and when"),
  retries: number("connection attempts repeated (HAProxy's `+` for a redispatch is dropped)"),
  server_queue: number("requests ahead in the server's queue"),
  backend_queue: number("requests ahead in the backend's queue"),
  active_connections: number("connections of the process"),
  frontend_connections: number("connections of the frontend"),
  backend_connections: number("connections of the backend"),
  server_connections: number("connections of the server"),
  captured_request: text("captured request headers, with `|` between them"),
  captured_response: text("captured response headers, with `|` between them"),
} as const satisfies Readonly<Record<string, Field>>;

export type ModelName = keyof typeof fields;

/**
 * Values that formats name themselves, always text: `header.x_tenant` (a request header),
 * `response_header.content_type`, `cookie.session`, `variable.upstream_zone` (an environment
 * variable, a note, a variable of nginx, an expression of HAProxy, a named group, a JSON key).
 */
export type ExtraName =
  | `header.${string}`
  | `response_header.${string}`
  | `cookie.${string}`
  | `variable.${string}`;

export type FieldName = ModelName | ExtraName;

/** The names of fields that are numbers; all others but `time` are text. */
export type NumberName = {
  [Name in ModelName]: (typeof fields)[Name]["kind"] extends "number" ? Name : never;
}[ModelName];
export type TextName = Exclude<FieldName, NumberName | "time">;

/**
 * What one line says, in the units of `fields`. A field that the format lacks, or that the server
 * had no value for (`-`, an empty string, HAProxy's `-1` and `<NOSRV>`, JSON's null), is absent.
 * Texts are unescaped and decoded as UTF-8, with U+FFFD for what is none.
 */
export type Entry = {
  readonly [Name in ModelName]?: (typeof fields)[Name]["kind"] extends "text" ? string : number;
} & { readonly [Name in ExtraName]?: string };

/** `X-Forwarded-Proto` as the tail of an extra field's name: lower case, `_` for the rest. */
export function toExtraName(
  kind: "header" | "response_header" | "cookie" | "variable",
  name: string,
): ExtraName {
  const tail = name.toLowerCase().replaceAll(/[^a-z0-9]+/g, "_");
  return `${kind}.${tail.replaceAll(/^_|_$/g, "")}`;
}

export function isModelName(name: string): name is ModelName {
  return Object.hasOwn(fields, name);
}

export function isNumberName(name: FieldName): name is NumberName {
  return isModelName(name) && fields[name].kind === "number";
}

export function isTextName(name: FieldName): name is TextName {
  return !isModelName(name) || fields[name].kind === "text";
}

/** Whole numbers only: everything but durations. */
export function isWhole(name: NumberName): boolean {
  return unitOf(name) !== "seconds";
}

function unitOf(name: ModelName): Field["unit"] {
  const field: Field = fields[name];
  return field.unit;
}

/** Request headers that have a field of their own, in lower case. */
const headerFields: ReadonlyMap<string, TextName> = new Map<string, TextName>([
  ["referer", "referrer"],
  ["user-agent", "agent"],
  ["host", "host"],
  ["x-forwarded-for", "forwarded_for"],
  ["x-forwarded-proto", "scheme"],
  ["x-request-id", "request_id"],
]);

/** The field of a request header: `User-Agent` → `agent`, `X-Tenant` → `header.x_tenant`. */
export function toHeaderField(header: string): TextName {
  const lower = header.toLowerCase().replaceAll("_", "-");
  return headerFields.get(lower) ?? toExtraName("header", header);
}
