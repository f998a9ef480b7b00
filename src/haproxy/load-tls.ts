import type { Files } from "../core/component.ts";
import type { TlsOptions } from "../core/network.ts";

/** Paths of PEM files, as the user writes them. */
export interface TlsFiles {
  readonly ca?: string | undefined;
  readonly certificate?: string | undefined;
  readonly key?: string | undefined;
  readonly serverName?: string | undefined;
  readonly verify?: boolean | undefined;
}

/** Read anew for each use, so that a renewed certificate is taken. Throws in words for a file that cannot be read. */
export async function loadTls(given: TlsFiles, files: Files): Promise<TlsOptions> {
  const { ca, certificate, key, serverName, verify = true } = given;
  return {
    verify,
    ...(serverName === undefined ? {} : { serverName }),
    ...(ca === undefined ? {} : { ca: await readText(ca, files) }),
    ...(certificate === undefined ? {} : { certificate: await readText(certificate, files) }),
    ...(key === undefined ? {} : { key: await readText(key, files) }),
  };
}

/** Larger than any chain of certificates. */
const sizeBytesMax = 1024 * 1024;

async function readText(path: string, files: Files): Promise<string> {
  try {
    await using file = await files.open(path);
    const { sizeBytes } = await file.stat();
    const bytes = Buffer.alloc(Math.min(sizeBytes, sizeBytesMax));
    const length = await file.read(bytes, 0);
    return bytes.subarray(0, length).toString();
  } catch (error) {
    throw new Error(`tls: ${path} cannot be read`, { cause: error });
  }
}
