// Keys that servers use in JSON, LTSV and logfmt, and what they mean.

import { toBindings } from "./_key-bindings.ts";
import type { KeyBinding } from "./line-format.ts";

/** Caddy: https://caddyserver.com/docs/logging */
export const caddyKeys = toBindings([
  ["time", "ts"],
  ["client", "request.client_ip request.remote_ip request.remote_addr"],
  ["client_port", "request.remote_port"],
  ["user", "user_id"],
  ["method", "request.method"],
  ["target", "request.uri"],
  ["protocol", "request.proto"],
  ["host", "request.host"],
  ["status", "status"],
  ["bytes", "size"],
  ["bytes_in", "bytes_read"],
  ["duration", "duration"],
  ["agent", "request.headers.User-Agent"],
  ["referrer", "request.headers.Referer"],
  ["forwarded_for", "request.headers.X-Forwarded-For"],
  ["tls_version", "request.tls.version"],
  ["tls_cipher", "request.tls.cipher_suite"],
  ["tls_server_name", "request.tls.server_name"],
]);

/** Traefik: https://doc.traefik.io/traefik/observability/access-logs/ */
export const traefikKeys = toBindings([
  ["time:start", "StartUTC StartLocal"],
  ["time", "time"],
  ["client", "ClientHost ClientAddr"],
  ["client_port", "ClientPort"],
  ["user", "ClientUsername"],
  ["method", "RequestMethod"],
  ["target", "RequestPath"],
  ["protocol", "RequestProtocol"],
  ["scheme", "RequestScheme"],
  ["host", "RequestHost"],
  ["port", "RequestPort"],
  ["status", "DownstreamStatus"],
  ["upstream_status", "OriginStatus"],
  ["bytes", "DownstreamContentSize"],
  ["bytes_in", "RequestContentSize"],
  ["upstream_bytes", "OriginContentSize"],
  ["duration:ns", "Duration"],
  ["upstream_duration:ns", "OriginDuration"],
  ["retries", "RetryAttempts"],
  ["frontend", "entryPointName RouterName"],
  ["backend", "ServiceName"],
  ["upstream", "ServiceAddr"],
  ["tls_version", "TLSVersion"],
  ["tls_cipher", "TLSCipher"],
  ["agent", "request_User-Agent"],
  ["referrer", "request_Referer"],
]);

/** Tomcat's JsonAccessLogValve; `elapsedTime` is its `%D`. */
export const tomcatKeys = toTomcatKeys("us");

export function toTomcatKeys(unit: "us" | "ms" | "s"): readonly KeyBinding[] {
  return toBindings([
    ["time", "time"],
    ["client", "remoteAddr host"],
    ["user", "user"],
    ["request", "request"],
    ["method", "method"],
    ["target", "path"],
    ["query", "query"],
    ["protocol", "protocol"],
    ["host", "localServerName"],
    ["port", "port"],
    ["status", "statusCode"],
    ["bytes", "size byteSentNC"],
    [unit === "s" ? "duration" : `duration:${unit}`, "elapsedTime"],
    ["duration", "elapsedTimeS"],
    ["first_byte_duration:ms", "firstByteTime"],
    ["connection_state", "connectionStatus"],
    ["agent", "requestHeaders.User-Agent"],
    ["referrer", "requestHeaders.Referer"],
    ["forwarded_for", "requestHeaders.X-Forwarded-For"],
  ]);
}

/** Names of nginx's variables, and what else people call these things in JSON and logfmt. */
export const flatKeys = toBindings([
  ["time", "time_iso8601 msec time @timestamp timestamp time_local"],
  ["time:start", "start_time"],
  ["time", "ts datetime date"],
  ["client", "remote_addr client_ip remote_ip client clientip remote_host ip remoteAddr addr"],
  ["client_port", "remote_port client_port"],
  ["user", "remote_user user username"],
  ["request", "request"],
  ["method", "request_method method http_method verb"],
  ["target", "request_uri uri target path url request_path"],
  ["query", "args query_string query"],
  ["protocol", "server_protocol protocol proto http_version"],
  ["scheme", "scheme"],
  ["host", "host http_host vhost virtual_host authority"],
  ["server_name", "server_name"],
  ["port", "server_port"],
  ["status", "status status_code response_code code statusCode http_status"],
  ["bytes", "body_bytes_sent bytes size bytes_out response_size"],
  ["bytes_sent", "bytes_sent"],
  ["bytes_in", "request_length bytes_received bytes_in"],
  ["duration:ms", "duration_ms elapsed_ms latency_ms request_time_ms response_time_ms"],
  ["duration:us", "duration_us elapsed_us latency_us"],
  ["duration:ns", "duration_ns latency_ns"],
  ["duration", "request_time duration elapsed latency response_time took"],
  ["upstream_duration", "upstream_response_time upstream_duration"],
  ["connect_duration", "upstream_connect_time"],
  ["upstream_header_duration", "upstream_header_time"],
  ["upstream", "upstream_addr upstream upstream_host"],
  ["upstream_status", "upstream_status"],
  ["cache", "upstream_cache_status cache_status cache"],
  ["referrer", "http_referer referer referrer"],
  ["agent", "http_user_agent user_agent agent useragent"],
  ["forwarded_for", "http_x_forwarded_for x_forwarded_for xff"],
  ["request_id", "request_id x_request_id req_id"],
  ["tls_version", "ssl_protocol tls_version"],
  ["tls_cipher", "ssl_cipher tls_cipher"],
]);

/** LTSV's recommended labels: http://ltsv.org/ */
export const ltsvKeys = toBindings([
  ["time", "time"],
  ["client", "host"],
  ["forwarded_for", "forwardedfor"],
  ["user", "user"],
  ["request", "req"],
  ["method", "method"],
  ["target", "uri"],
  ["protocol", "protocol"],
  ["status", "status"],
  ["bytes", "size"],
  ["bytes_in", "reqsize"],
  ["referrer", "referer"],
  ["agent", "ua"],
  ["host", "vhost"],
  ["duration:us", "reqtime_microsec"],
  ["duration", "reqtime"],
  ["upstream_duration", "apptime runtime"],
  ["cache", "cache"],
]);
