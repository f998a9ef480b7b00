import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import { once } from "node:events";
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import http from "node:http";
import os from "node:os";
import path from "node:path";
import test from "node:test";
import tls from "node:tls";
import { systemFetch } from "./system-fetch.ts";

/** A TLS server that answers every request with this text. */
async function serve(
  answer: string,
): Promise<AsyncDisposable & { readonly url: string; readonly ca: string }> {
  const folder = mkdtempSync(path.join(os.tmpdir(), "watchpost-fetch-"));
  const [keyFile, certFile] = [path.join(folder, "key.pem"), path.join(folder, "cert.pem")];
  const subject = [
    "-subj",
    "/CN=localhost",
    "-addext",
    "subjectAltName=DNS:localhost,IP:127.0.0.1",
  ];
  const files = ["-keyout", keyFile, "-out", certFile];
  const made = ["req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes"];
  execFileSync("openssl", [...made, "-days", "2", ...files, ...subject], { stdio: "ignore" });
  const ca = readFileSync(certFile, "utf8");
  const server = tls.createServer({ key: readFileSync(keyFile), cert: ca }, (socket) => {
    socket.on("error", () => {});
    socket.once("data", () => socket.end(answer));
  });
  await once(server.listen(0, "127.0.0.1"), "listening");
  const address = server.address();
  const port = typeof address === "object" ? (address?.port ?? 0) : 0;
  return {
    url: `https://127.0.0.1:${port}/`,
    ca,
    async [Symbol.asyncDispose]() {
      server.close();
      rmSync(folder, { recursive: true });
    },
  };
}

test("a server with a certificate of its own is verified against its authority", async () => {
  await using server = await serve("HTTP/1.1 200 OK\r\nX-A: 1\r\nContent-Length: 2\r\n\r\nhi");
  const response = await systemFetch(server.url, { tls: { ca: server.ca } });
  assert.equal(response.headers.get("x-a"), "1");
  assert.equal(await response.text(), "hi");
  await assert.rejects(systemFetch(server.url, { tls: {} }), /fetch failed/);
});

test("a status that no answer may have is a failed request, and nothing more", async () => {
  await using server = await serve("HTTP/1.1 999 No\r\nContent-Length: 0\r\n\r\n");
  await assert.rejects(systemFetch(server.url, { tls: { ca: server.ca } }), /fetch failed/);
});

test("a port that browsers refuse is asked all the same", async () => {
  const server = http.createServer((_request, response) => response.end("here"));
  await once(server.listen(10080, "127.0.0.1"), "listening");
  try {
    const response = await systemFetch("http://127.0.0.1:10080/", {});
    assert.equal(await response.text(), "here");
  } finally {
    server.close();
  }
});
