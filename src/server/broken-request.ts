import type { Socket } from "node:net";
import { STATUS_CODES } from "node:http";
import { securityHeaders } from "./access.ts";
import { HttpProblem } from "./http-problem.ts";

const statuses: Readonly<Record<string, number>> = {
  ERR_HTTP_REQUEST_TIMEOUT: 408,
  HPE_HEADER_OVERFLOW: 431,
};

/** Answers what is not HTTP, or takes too long to become it, and hangs up: no request exists that could be answered. */
export function answerBrokenRequest(error: Error & { code?: string }, socket: Socket): void {
  if (socket.writable && error.code !== "ECONNRESET") {
    const status = statuses[error.code ?? ""] ?? 400;
    const reason = STATUS_CODES[status] ?? "";
    const body = JSON.stringify(
      new HttpProblem(status, "REQUEST_INVALID", `the request cannot be read: ${reason}`),
    );
    const headers = Object.entries({
      ...securityHeaders,
      "content-type": "application/problem+json",
      "content-length": Buffer.byteLength(body),
      connection: "close",
    });
    const lines = headers.map(([name, value]) => `${name}: ${value}\r\n`);
    const answer = `HTTP/1.1 ${status} ${reason}\r\n${lines.join("")}\r\n${body}`;
    socket.end(answer, () => socket.destroy());
  } else {
    socket.destroy();
  }
}
