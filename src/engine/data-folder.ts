import { mkdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import path from "node:path";
import { DatabaseSync } from "node:sqlite";
import { UserError, describeError } from "../core/errors.ts";

/** The folder that one running node owns. */
export interface DataFolder extends Disposable {
  readonly journalFile: string;
  readonly incidentsFile: string;
  readonly historyFile: string;
}

/** Where things are in a data folder, also for commands that only look. */
export function dataFiles(folder: string): Omit<DataFolder, typeof Symbol.dispose> {
  return {
    journalFile: path.join(folder, "journal.db"),
    incidentsFile: path.join(folder, "incidents.db"),
    historyFile: path.join(folder, "history.db"),
  };
}

/**
 * Makes the folder if need be and takes its lock: an exclusive transaction on an empty SQLite file, which the
 * operating system gives back however the process ends. Throws UserError DATA_FOLDER_IN_USE, naming the node that
 * has it, or JOURNAL_UNAVAILABLE when the folder cannot be made or written.
 */
export function openDataFolder(folder: string, nodeName: string): DataFolder {
  const ownerFile = path.join(folder, "node.json");
  const lock = openLock(folder);
  try {
    lock.exec("BEGIN EXCLUSIVE");
  } catch (error) {
    lock.close();
    throw isBusy(error)
      ? new UserError(
          "DATA_FOLDER_IN_USE",
          `${folder} is in use by ${describeOwner(ownerFile)}; stop it, or give this node a \`data\` folder of its own`,
          { cause: error },
        )
      : error;
  }
  writeOwner(ownerFile, nodeName);
  return { ...dataFiles(folder), [Symbol.dispose]: () => lock.close() };
}

function openLock(folder: string): DatabaseSync {
  try {
    mkdirSync(folder, { recursive: true, mode: 0o700 });
    return new DatabaseSync(path.join(folder, "node.lock"), { timeout: 0 });
  } catch (error) {
    const advice = "name another folder as `data`, or let this user write to it";
    const message = `the data folder ${folder} cannot be used: ${describeError(error)}; ${advice}`;
    throw new UserError("JOURNAL_UNAVAILABLE", message, { cause: error });
  }
}

/** SQLITE_BUSY (sqlite.org/rescode.html): somebody else has the lock. */
function isBusy(error: unknown): boolean {
  return error instanceof Error && "errcode" in error && error.errcode === 5;
}

/** Only for the message that a second node prints: a full disk must not keep this one from starting. */
function writeOwner(ownerFile: string, name: string): void {
  const owner = { name, pid: process.pid, startedAt: new Date().toISOString() };
  try {
    writeFileSync(ownerFile, `${JSON.stringify(owner)}\n`);
  } catch {
    // What the file says then is not of this node, and would mislead; if it stays, it only misnames somebody.
    tryRemove(ownerFile);
  }
}

function tryRemove(file: string): void {
  try {
    rmSync(file, { force: true });
  } catch {
    // Said above.
  }
}

function describeOwner(ownerFile: string): string {
  try {
    const { name, pid, startedAt } = JSON.parse(readFileSync(ownerFile, "utf8"));
    return `node "${name}" (process ${pid}, running since ${startedAt})`;
  } catch {
    return "another node";
  }
}
