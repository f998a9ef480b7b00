/** What the status of an answer is called (RFC 9110 and its neighbours), and what nginx adds. */
const names: Readonly<Record<string, string>> = {
  "0": "no answer",
  "101": "Switching Protocols",
  "200": "OK",
  "201": "Created",
  "202": "Accepted",
  "204": "No Content",
  "206": "Partial Content",
  "207": "Multi-Status",
  "301": "Moved Permanently",
  "302": "Found",
  "303": "See Other",
  "304": "Not Modified",
  "307": "Temporary Redirect",
  "308": "Permanent Redirect",
  "400": "Bad Request",
  "401": "Unauthorized",
  "403": "Forbidden",
  "404": "Not Found",
  "405": "Method Not Allowed",
  "406": "Not Acceptable",
  "408": "Request Timeout",
  "409": "Conflict",
  "410": "Gone",
  "411": "Length Required",
  "412": "Precondition Failed",
  "413": "Content Too Large",
  "414": "URI Too Long",
  "415": "Unsupported Media Type",
  "416": "Range Not Satisfiable",
  "421": "Misdirected Request",
  "422": "Unprocessable Content",
  "426": "Upgrade Required",
  "429": "Too Many Requests",
  "431": "Header Fields Too Large",
  "444": "closed without an answer (nginx)",
  "494": "request header too large (nginx)",
  "495": "bad client certificate (nginx)",
  "496": "no client certificate (nginx)",
  "497": "HTTP on an HTTPS port (nginx)",
  "499": "client closed the connection (nginx)",
  "500": "Internal Server Error",
  "501": "Not Implemented",
  "502": "Bad Gateway",
  "503": "Service Unavailable",
  "504": "Gateway Timeout",
  "505": "HTTP Version Not Supported",
  none: "no status",
};

export function statusName(status: string): string {
  return names[status] ?? "";
}

/** `2xx` of `204`; `none`. */
export function statusClass(status: string): string {
  return status === "none" ? "none" : `${status.padStart(3, "0")[0]}xx`;
}

/** Requests with a status in the class that begins with this digit. */
export function countClass(status: Readonly<Record<string, number>>, digit: 4 | 5): number {
  return Object.entries(status)
    .filter(([name]) => statusClass(name) === `${digit}xx`)
    .reduce((sum, [, requests]) => sum + requests, 0);
}

/** How bad it is, for colours. */
export function statusTone(status: string): "good" | "warn" | "bad" | "dim" {
  switch (statusClass(status)) {
    case "2xx":
      return "good";
    case "4xx":
      return "warn";
    case "5xx":
      return "bad";
    default:
      return "dim";
  }
}
