import { readFile } from "node:fs/promises";
import { describeReadError } from "../_resolve-secrets.ts";
import { ConfigError } from "../problem.ts";

/** Far above any configuration. */
const sizeBytesMax = 16 * 1024 * 1024;

/** The text of another tool's configuration. Throws ConfigError when there is none to be had. */
export async function readOldFile(file: string): Promise<string> {
  const toError = (message: string, cause?: unknown): ConfigError =>
    new ConfigError([{ file, line: 1, column: 1, path: "", code: "missing", message }], { cause });
  let text: string;
  try {
    text = await readFile(file, "utf8");
  } catch (error) {
    throw toError(describeReadError(error, "the file"), error);
  }
  if (text.length > sizeBytesMax) {
    throw toError("is too large to be a configuration");
  }
  return text.replace(/^\uFEFF/, "");
}
