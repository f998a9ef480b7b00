// A file system in memory, on which a test rotates logs as people do.
import type {
  AppendableFile,
  ByteStream,
  Files,
  FileStat,
  FolderEntry,
  ReadableFile,
} from "../src/core/component.ts";

/** A file's content and what identifies it; a name is only an entry of the disk. */
interface FakeFile {
  readonly ino: number;
  bytes: Buffer;
  mtimeMs: number;
  /** How many have it open. */
  opens: number;
}

interface FakeLink {
  readonly target: string;
}

const folder = "folder";
const pipe = "pipe";

type OnChange = (name: string | undefined) => void;
type Entry = FakeFile | FakeLink | typeof folder | typeof pipe;

/** Two writes never have the same time, as long as they are not very many. */
const tickMs = 2 ** -10;
const linksMax = 10;

/**
 * Files by path. Folders are there when something is in them. A file that was removed lives on for
 * who has it open; after that, its inode is given to the next new file.
 */
export class FakeDisk implements Files {
  readonly #entries = new Map<string, Entry>();
  readonly #unreadable = new Set<string>();
  /** By path: the code with which reading an open file fails. */
  readonly #failing = new Map<string, string>();
  readonly #pipes = new Map<string, Buffer>();
  readonly #watchers = new Map<string, Set<OnChange>>();
  readonly #freeInodes: number[] = [];
  readonly #now: () => number;
  #lastWriteMs = 0;
  #inodes = 0;
  #syncs = 0;

  constructor(files: Readonly<Record<string, string>>, now: () => number) {
    this.#now = now;
    for (const [path, text] of Object.entries(files)) {
      this.append(path, text);
    }
  }

  /** Makes the file when it is not there; a pipe gets something to read. */
  append(path: string, text: string | Uint8Array): void {
    const place = this.#follow(path);
    if (this.#entries.get(place) === pipe) {
      const waiting = this.#pipes.get(place) ?? Buffer.alloc(0);
      this.#pipes.set(place, Buffer.concat([waiting, Buffer.from(text)]));
      return;
    }
    const file = this.#fileToWrite(place);
    file.bytes = Buffer.concat([file.bytes, Buffer.from(text)]);
    this.#wasWritten(file);
    this.#changed(place);
  }

  /** Cuts the file off, keeping its identity. */
  truncate(path: string, sizeBytes = 0): void {
    const file = this.#fileToWrite(this.#follow(path));
    file.bytes = Buffer.from(file.bytes.subarray(0, sizeBytes));
    this.#wasWritten(file);
    this.#changed(path);
  }

  /** Another file with the same content; keeps the time of the last write when it is told to. */
  copy(path: string, to: string, keepsTime = false): void {
    const from = this.#fileToOpen(path);
    this.remove(to);
    this.append(to, from.bytes);
    if (keepsTime) {
      this.#fileToWrite(to).mtimeMs = from.mtimeMs;
    }
  }

  rename(path: string, to: string): void {
    const entry = this.#entries.get(path) ?? folder;
    this.remove(to);
    this.#entries.set(to, entry);
    this.#entries.delete(path);
    this.#changed(to);
  }

  remove(path: string): void {
    const entry = this.#entries.get(path);
    this.#entries.delete(path);
    if (isFile(entry)) {
      this.#free(entry);
    }
    this.#changed(path);
  }

  link(path: string, target: string): void {
    this.remove(path);
    this.#entries.set(path, { target });
  }

  makeFolder(path: string): void {
    this.#entries.set(path, folder);
  }

  makePipe(path: string): void {
    this.#entries.set(path, pipe);
  }

  /** Opening the path fails with EACCES, or works again. */
  setReadable(path: string, isReadable: boolean): void {
    this.#unreadable[isReadable ? "delete" : "add"](path);
  }

  /** Reading what is open under the path fails with this code, or works again. */
  setFailing(path: string, code: string | undefined): void {
    if (code === undefined) {
      this.#failing.delete(path);
    } else {
      this.#failing.set(path, code);
    }
  }

  /** How often a file was made to survive a power cut. */
  get syncs(): number {
    return this.#syncs;
  }

  /** How many files are open now. */
  get opens(): number {
    const files = new Set([...this.#entries.values()].filter(isFile));
    return [...files].reduce((total, { opens }) => total + opens, 0);
  }

  /** The content as UTF-8; undefined when there is no such file. */
  text(path: string): string | undefined {
    const entry = this.#entries.get(this.#follow(path));
    return isFile(entry) ? entry.bytes.toString() : undefined;
  }

  /** The content; undefined when there is no such file. */
  bytes(path: string): Buffer | undefined {
    const entry = this.#entries.get(this.#follow(path));
    return isFile(entry) ? entry.bytes : undefined;
  }

  /** Other content, with the time of the last write as it was. */
  rewrite(path: string, bytes: Uint8Array): void {
    this.#fileToWrite(path).bytes = Buffer.from(bytes);
  }

  /** All files' contents by path. */
  texts(): Record<string, string> {
    const files = [...this.#entries.keys()].map((path) => [path, this.text(path)] as const);
    return Object.fromEntries(
      files.filter((entry): entry is [string, string] => entry[1] !== undefined),
    );
  }

  async open(path: string): Promise<ReadableFile> {
    const file = this.#fileToOpen(path);
    file.opens++;
    let isOpen = true;
    return {
      read: async (into, offset) => {
        const code = this.#failing.get(path);
        if (code !== undefined) {
          throw systemError(code, "in the fake world, read");
        }
        return file.bytes.subarray(offset).copy(into);
      },
      stat: async () => toStat(file),
      [Symbol.asyncDispose]: async () => {
        file.opens -= isOpen ? 1 : 0;
        isOpen = false;
        this.#free(file);
      },
    };
  }

  async openAppend(path: string): Promise<AppendableFile> {
    if (!this.#entries.has(path)) {
      this.append(path, "");
    }
    const file = this.#fileToOpen(path);
    file.opens++;
    return {
      append: async (text) => {
        file.bytes = Buffer.concat([file.bytes, Buffer.from(text)]);
        this.#wasWritten(file);
      },
      sync: async () => {
        this.#syncs++;
      },
      stat: async () => toStat(file),
      [Symbol.asyncDispose]: async () => {
        file.opens--;
      },
    };
  }

  async replace(path: string, text: string): Promise<void> {
    if (this.#entries.get(path) === folder) {
      throw systemError("EISDIR", `illegal operation on a directory, rename to '${path}'`);
    }
    this.remove(path);
    this.append(path, text);
  }

  async stat(path: string): Promise<FileStat | undefined> {
    const entry = this.#entries.get(this.#follow(path));
    return entry === undefined ? undefined : toStat(entry);
  }

  async list(path: string): Promise<readonly FolderEntry[]> {
    const start = path === "" || path.endsWith("/") ? path : `${path}/`;
    const found = new Map<string, FolderEntry>();
    for (const [name, entry] of this.#entries) {
      if (name.startsWith(start)) {
        const [first = "", ...rest] = name.slice(start.length).split("/");
        const kind = rest.length > 0 ? folder : toKind(entry);
        found.set(first, { name: first, kind });
      }
    }
    return [...found.values()];
  }

  async realPath(path: string): Promise<string> {
    return this.#follow(path);
  }

  async openStream(path: string): Promise<ByteStream> {
    if (this.#entries.get(path) !== pipe) {
      throw systemError("ENOENT", `no such file or directory, open '${path}'`);
    }
    return {
      isEnded: false,
      read: (into) => {
        const waiting = this.#pipes.get(path) ?? Buffer.alloc(0);
        const taken = waiting.copy(into);
        this.#pipes.set(path, waiting.subarray(taken));
        return taken;
      },
      [Symbol.asyncDispose]: async () => {},
    };
  }

  watch(path: string, onChange: OnChange): Disposable {
    const watchers = this.#watchers.get(path) ?? new Set<OnChange>();
    this.#watchers.set(path, watchers.add(onChange));
    return { [Symbol.dispose]: () => watchers.delete(onChange) };
  }

  #changed(path: string): void {
    const slashAt = path.lastIndexOf("/");
    for (const onChange of this.#watchers.get(path.slice(0, slashAt)) ?? []) {
      onChange(path.slice(slashAt + 1));
    }
  }

  #follow(path: string): string {
    let place = path;
    for (let links = 0; links < linksMax; links++) {
      const entry = this.#entries.get(place);
      if (typeof entry !== "object" || !("target" in entry)) {
        return place;
      }
      place = entry.target;
    }
    throw systemError("ELOOP", `too many symbolic links, stat '${path}'`);
  }

  #fileToWrite(path: string): FakeFile {
    const entry = this.#entries.get(path);
    if (isFile(entry)) {
      return entry;
    }
    const ino = this.#freeInodes.pop() ?? ++this.#inodes;
    const file = { ino, bytes: Buffer.alloc(0), mtimeMs: 0, opens: 0 };
    this.#wasWritten(file);
    this.#entries.set(path, file);
    return file;
  }

  #fileToOpen(path: string): FakeFile {
    const entry = this.#entries.get(this.#follow(path));
    if (entry === undefined) {
      throw systemError("ENOENT", `no such file or directory, open '${path}'`);
    }
    if (!isFile(entry)) {
      throw systemError("EISDIR", `illegal operation on a directory, open '${path}'`);
    }
    if (this.#unreadable.has(path)) {
      throw systemError("EACCES", `permission denied, open '${path}'`);
    }
    return entry;
  }

  #wasWritten(file: FakeFile): void {
    this.#lastWriteMs = Math.max(this.#lastWriteMs + tickMs, this.#now());
    file.mtimeMs = this.#lastWriteMs;
  }

  #free(file: FakeFile): void {
    const isNamed = [...this.#entries.values()].includes(file);
    if (!isNamed && file.opens === 0 && !this.#freeInodes.includes(file.ino)) {
      this.#freeInodes.push(file.ino);
    }
  }
}

function isFile(entry: Entry | undefined): entry is FakeFile {
  return typeof entry === "object" && "bytes" in entry;
}

function toKind(entry: Entry): FolderEntry["kind"] {
  if (typeof entry === "string") {
    return entry;
  }
  return "target" in entry ? "link" : "file";
}

function toStat(entry: Entry): FileStat {
  if (isFile(entry)) {
    const { ino, bytes, mtimeMs } = entry;
    return { dev: 1, ino, sizeBytes: bytes.length, mtimeMs, kind: "file" };
  }
  const kind = typeof entry === "string" ? entry : "folder";
  return { dev: 1, ino: 0, sizeBytes: 0, mtimeMs: 0, kind };
}

/** As Node's own: "ENOENT: no such file …". */
export function systemError(code: string, text: string): Error {
  return Object.assign(new Error(`${code}: ${text}`), { code });
}
