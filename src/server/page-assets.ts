import { existsSync, globSync, readFileSync } from "node:fs";
import path from "node:path";

/** One file of the built page, kept in memory: the page is small and never changes while we run. */
export interface PageAsset {
  readonly contentType: string;
  readonly body: Buffer;
  /** Its name carries a hash of its content. */
  readonly isImmutable: boolean;
}

const contentTypes: Readonly<Record<string, string>> = {
  ".html": "text/html; charset=utf-8",
  ".js": "text/javascript; charset=utf-8",
  ".css": "text/css; charset=utf-8",
  ".svg": "image/svg+xml",
  ".png": "image/png",
  ".ico": "image/x-icon",
  ".woff2": "font/woff2",
};

/** By URL path, with "/" for the page itself. Empty when the page was not built. */
export function loadPageAssets(folder: string): ReadonlyMap<string, PageAsset> {
  const assets = new Map<string, PageAsset>();
  if (!existsSync(folder)) {
    return assets;
  }
  for (const file of globSync("**/*.*", { cwd: folder })) {
    const contentType = contentTypes[path.extname(file)];
    if (contentType !== undefined) {
      const urlPath = file === "index.html" ? "/" : `/${file.replaceAll(path.sep, "/")}`;
      const body = readFileSync(path.join(folder, file));
      assets.set(urlPath, { contentType, body, isImmutable: urlPath.startsWith("/assets/") });
    }
  }
  return assets;
}
