import type { Files } from "../../core/component.ts";
import type { PathSlot } from "./path-slot.ts";

const foldersMax = 16;
/** A folder in which others write all the time is not worth listening to. */
const callsMax = 100;

/** Listens to folders while nothing happens, so that it need not be noticed by the next look. */
export class ChangeWatch implements Disposable {
  readonly #files: Files;
  #watches: Disposable[] = [];
  #isOther = false;

  constructor(files: Files) {
    this.#files = files;
  }

  /** Names came or changed that are not followed; asked once. */
  takeOther(): boolean {
    const isOther = this.#isOther;
    this.#isOther = false;
    return isOther;
  }

  /** Resolves when one of the paths may have changed, which makes it due; perhaps never. */
  async changed(slots: ReadonlyMap<string, PathSlot>): Promise<void> {
    this[Symbol.dispose]();
    const { promise, resolve } = Promise.withResolvers<void>();
    let calls = 0;
    const onChange = (folder: string, name: string | undefined): void => {
      const slot = name === undefined ? undefined : slots.get(folder + name);
      this.#isOther ||= slot === undefined;
      if (slot !== undefined) {
        slot.nextLookAtMs = -Infinity;
        resolve();
      }
      if (slot !== undefined || ++calls > callsMax) {
        this[Symbol.dispose]();
      }
    };
    for (const folder of foldersOf(slots)) {
      const path = folder === "" ? "." : folder.replace(/(.)\/$/, "$1");
      this.#watches.push(this.#files.watch(path, (name) => onChange(folder, name)));
    }
    await promise;
  }

  [Symbol.dispose](): void {
    for (const watch of this.#watches) {
      watch[Symbol.dispose]();
    }
    this.#watches = [];
  }
}

/** With the slash behind them. */
function foldersOf(slots: ReadonlyMap<string, PathSlot>): string[] {
  const folders = new Set<string>();
  for (const path of slots.keys()) {
    folders.add(path.slice(0, path.lastIndexOf("/") + 1));
    if (folders.size >= foldersMax) {
      break;
    }
  }
  return [...folders];
}
