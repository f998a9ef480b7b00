// The `tls` block of every component that is a client: the same words everywhere.
import { z } from "zod";
import type { Files } from "./component.ts";
import type { TlsOptions } from "./network.ts";
import { filePath } from "./options.ts";

const path = filePath();

export const tlsFiles = z
  .strictObject({
    ca: path.optional().describe("PEM file of the authorities to trust, instead of the system's."),
    certificate: path.optional().describe("PEM file of our own certificate, with its chain."),
    key: path.optional().describe("PEM file of its private key."),
    serverName: z
      .string()
      .min(1)
      .optional()
      .describe("Name to check the certificate for; that of the address when left out."),
    verify: z
      .boolean()
      .default(true)
      .describe(
        "False accepts any certificate: anybody in between can read and change everything.",
      ),
  })
  .refine(({ certificate, key }) => (certificate === undefined) === (key === undefined), {
    message: "has a certificate without its key, or a key without its certificate; name both",
  });

export type TlsFiles = z.output<typeof tlsFiles>;

/** Larger than any chain of certificates. */
const pemBytesMax = 1024 * 1024;

/**
 * Reads the files; called for each connection, so that a renewed certificate is taken. Throws in words when one cannot
 * be read.
 */
export async function loadTls(given: TlsFiles, files: Files): Promise<TlsOptions> {
  const { serverName, verify } = given;
  const [ca, certificate, key] = await Promise.all(
    [given.ca, given.certificate, given.key].map((one) => loadPem(one, files)),
  );
  return {
    verify,
    ...(serverName !== undefined && { serverName }),
    ...(ca !== undefined && { ca }),
    ...(certificate !== undefined && { certificate }),
    ...(key !== undefined && { key }),
  };
}

async function loadPem(file: string | undefined, files: Files): Promise<string | undefined> {
  if (file === undefined) {
    return undefined;
  }
  try {
    await using opened = await files.open(file);
    const { sizeBytes } = await opened.stat();
    const bytes = Buffer.alloc(Math.min(sizeBytes, pemBytesMax));
    const length = await opened.read(bytes, 0);
    return bytes.toString("utf8", 0, length);
  } catch (error) {
    throw new Error(`tls: ${file} cannot be read`, { cause: error });
  }
}
