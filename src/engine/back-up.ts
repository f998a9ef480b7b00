import { chmodSync, existsSync, mkdirSync, readdirSync } from "node:fs";
import path from "node:path";
import { DatabaseSync } from "node:sqlite";
import { UserError } from "../core/errors.ts";
import { dataFiles } from "./data-folder.ts";

/**
 * Copies the files of a data folder, each in one read transaction, so that a node may go on writing. The journal comes
 * last: no reader's cursor in the copy is then ahead of it. Returns the names of the files that were copied. Throws
 * UserError for a folder that holds something, or a data folder that holds nothing.
 */
export function backUp(dataFolder: string, folder: string): readonly string[] {
  mkdirSync(folder, { recursive: true, mode: 0o700 });
  if (readdirSync(folder).length > 0) {
    throw new UserError("USAGE", `${folder} is not empty; name an empty folder, or a new one`);
  }
  const { incidentsFile, historyFile, journalFile } = dataFiles(dataFolder);
  const files = [incidentsFile, historyFile, journalFile].filter((file) => existsSync(file));
  if (files.length === 0) {
    throw new UserError("USAGE", `${dataFolder} holds nothing yet: no node has run there`);
  }
  // What the measurements tell is nobody else's business, whatever the folder's rights were.
  chmodSync(folder, 0o700);
  for (const file of files) {
    copyDatabase(file, path.join(folder, path.basename(file)));
  }
  return files.map((file) => path.basename(file));
}

/** VACUUM INTO reads one consistent state, whatever others commit meanwhile, and writes it without gaps. */
function copyDatabase(from: string, to: string): void {
  const database = new DatabaseSync(from, { readOnly: true, timeout: 5_000 });
  try {
    database.prepare("VACUUM INTO ?").run(to);
  } finally {
    database.close();
  }
}
