// What nginx's variables mean: https://nginx.org/en/docs/varindex.html

import { toExtraName, toHeaderField } from "./fields.ts";
import { suggest } from "./suggest.ts";
import { clfTime, epochTime, isoTime } from "./time-layout.ts";
import {
  type Meaning,
  type TimeMeaning,
  number,
  query,
  request,
  skipped,
  status,
  target,
  text,
} from "./_tokens.ts";

type Variable = (Meaning & { readonly isNeverEmpty?: boolean }) | TimeMeaning;

function always(meaning: Meaning): Variable {
  return { ...meaning, isNeverEmpty: true };
}

const known: Readonly<Record<string, Variable>> = {
  remote_addr: text("client", { role: "address" }),
  realip_remote_addr: text("peer", { role: "address" }),
  proxy_protocol_addr: text("client", { role: "address", rank: 1 }),
  remote_port: { ...number("client_port"), role: "port" },
  realip_remote_port: { ...skipped, role: "port" },
  proxy_protocol_port: { ...skipped, role: "port" },
  remote_user: text("user"),
  time_local: { layout: clfTime, timeIs: "end" },
  time_iso8601: { layout: isoTime, timeIs: "end" },
  msec: { layout: epochTime("s"), timeIs: "end" },
  request,
  request_method: text("method"),
  request_uri: { ...target, rank: 1 },
  uri: target,
  document_uri: target,
  args: query,
  query_string: query,
  is_args: { ...skipped, role: "query_mark" },
  server_protocol: text("protocol"),
  scheme: text("scheme", { role: "scheme" }),
  host: text("host", { role: "host", rank: 1 }),
  server_name: text("server_name", { role: "host" }),
  server_addr: { ...skipped, role: "address" },
  server_port: { ...number("port"), role: "port" },
  status: always(status),
  body_bytes_sent: always(number("bytes")),
  bytes_sent: always(number("bytes_sent")),
  request_length: always(number("bytes_in")),
  request_time: always(number("duration", { rank: 2 })),
  request_id: text("request_id"),
  connection_requests: always(number("requests_on_connection")),
  upstream_addr: { value: { type: "text", field: "upstream", list: "last" } },
  upstream_status: number("upstream_status", { list: "last" }),
  upstream_response_time: number("upstream_duration", { list: "sum" }),
  upstream_connect_time: number("connect_duration", { list: "sum" }),
  upstream_header_time: number("upstream_header_duration", { list: "sum" }),
  upstream_response_length: number("upstream_bytes", { list: "sum" }),
  upstream_cache_status: text("cache"),
  ssl_protocol: text("tls_version"),
  ssl_cipher: text("tls_cipher"),
  ssl_server_name: text("tls_server_name"),
  proxy_add_x_forwarded_for: text("forwarded_for"),
};

/** Lists that no field is made of. */
const otherLists = ["upstream_bytes_received", "upstream_bytes_sent", "upstream_first_byte_time"];

/** Variables of nginx that no field is made of: kept under their own name. */
const others = [
  "ancient_browser arg binary_remote_addr connection connection_time connections_active",
  "content_length content_type date_gmt date_local document_root fastcgi_path_info",
  "fastcgi_script_name geoip_city geoip_country_code gzip_ratio hostname http2 http3 https",
  "limit_conn_status limit_rate limit_req_status modern_browser msie nginx_version pid pipe",
  "proxy_host proxy_port proxy_protocol_server_addr proxy_protocol_server_port quic",
  "realpath_root request_body request_body_file request_completion request_filename",
  "request_port secure_link session_log_id slice_range spdy ssl_alpn_protocol",
  "ssl_ciphers ssl_client_cert ssl_client_fingerprint ssl_client_i_dn ssl_client_s_dn",
  "ssl_client_serial ssl_client_verify ssl_curve ssl_curves ssl_early_data ssl_session_id",
  "ssl_session_reused tcpinfo_rtt tcpinfo_rttvar tcpinfo_snd_cwnd tcpinfo_rcv_space uid_got uid_set",
].flatMap((line) => line.split(" "));

const families: readonly (readonly [RegExp, (rest: string) => Meaning])[] = [
  [
    /^http_(.+)$/,
    (header) => text(toHeaderField(header), header === "host" ? { role: "host" } : {}),
  ],
  [/^sent_(?:http|trailer)_(.+)$/, (header) => text(toExtraName("response_header", header))],
  [/^cookie_(.+)$/, (cookie) => text(toExtraName("cookie", cookie))],
  [
    /^((?:arg|upstream_http|upstream_trailer|upstream_cookie|proxy_protocol_tlv|jwt|geoip2?|ssl_client|ssl_preread)_.+)$/,
    toVariable,
  ],
];

export const nginxVariableNames: readonly string[] = [
  ...Object.keys(known),
  ...otherLists,
  ...others,
  "http_referer",
  "http_user_agent",
  "http_host",
  "http_x_forwarded_for",
];

/** Undefined for a name that nginx does not have, unless it looks like a variable of one's own. */
export function findNginxVariable(name: string): Variable | undefined {
  if (Object.hasOwn(known, name)) {
    return known[name];
  }
  for (const [pattern, toMeaning] of families) {
    const rest = pattern.exec(name)?.[1];
    if (rest !== undefined) {
      return toMeaning(rest);
    }
  }
  if (otherLists.includes(name)) {
    return { value: { type: "text", field: toExtraName("variable", name), list: "last" } };
  }
  return others.includes(name) || isOwn(name) ? toVariable(name) : undefined;
}

function toVariable(name: string): Meaning {
  return text(toExtraName("variable", name));
}

/**
 * `map`, `set` and `geo` define variables of any name: one that is not within two edits of a known
 * one, or is too short to tell, is taken to be such.
 */
function isOwn(name: string): boolean {
  return name.length < 6 || suggest(name, nginxVariableNames) === "";
}
