import { execFile } from "node:child_process";
import { promisify } from "node:util";

const run = promisify(execFile);

/** Writes a certificate for localhost, which is its own authority, and its key. */
export async function createCertificate(certFile: string, keyFile: string): Promise<void> {
  const subject = [
    "-subj",
    "/CN=localhost",
    "-addext",
    "subjectAltName=DNS:localhost,IP:127.0.0.1",
  ];
  const key = ["-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes"];
  const files = ["-keyout", keyFile, "-out", certFile];
  await run("openssl", ["req", "-x509", "-days", "2", ...key, ...subject, ...files]);
}
