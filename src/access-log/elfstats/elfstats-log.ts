import { type Batch, isTick } from "../../core/batch.ts";
import type { ByteReader, ByteWriter } from "../../core/bytes.ts";
import { type Seen, remember } from "./elfstats-text.ts";
import { type ElfstatsNaming, ElfstatsWindow } from "./elfstats-window.ts";

/** A log that tells nothing for so long after the end of a round has nothing to tell. */
const graceMs = 30_000;

/** One round that is over. */
export interface EndedRound {
  readonly window: ElfstatsWindow;
  /** Its end, in milliseconds since the epoch. */
  readonly startedAt: number;
}

/** One log: rounds of equal length, aligned to the epoch. What comes late counts into the round that is open. */
export class ElfstatsLog {
  readonly #everyMs: number;
  readonly #naming: ElfstatsNaming;
  readonly seen: Seen = { groups: new Map(), codes: new Set(), patterns: new Set() };
  #window = new ElfstatsWindow();
  /** Undefined before the first batch or tick. */
  #endsAt: number | undefined;

  constructor(everyMs: number, naming: ElfstatsNaming) {
    this.#everyMs = everyMs;
    this.#naming = naming;
  }

  /** Takes a batch of this log, or a tick. Returns the last round that is over thereby. */
  add(batch: Batch): EndedRound | undefined {
    if (isTick(batch)) {
      return this.#endBefore(batch.to - graceMs);
    }
    const before = this.#endBefore(batch.from);
    this.#window.add(batch, this.#naming);
    return (batch.more ? undefined : this.#endBefore(batch.to)) ?? before;
  }

  write(out: ByteWriter): void {
    out.varint(this.#endsAt ?? 0);
    this.#window.write(out);
    writeCodes(out, this.seen.codes);
    out.varint(this.seen.groups.size);
    for (const [id, codes] of this.seen.groups) {
      out.text(id);
      writeCodes(out, codes);
    }
    out.varint(this.seen.patterns.size);
    this.seen.patterns.forEach((name) => out.text(name));
  }

  /** Throws Corrupt for anything that `write` did not write. */
  static read(input: ByteReader, everyMs: number, naming: ElfstatsNaming): ElfstatsLog {
    const log = new ElfstatsLog(everyMs, naming);
    const endsAt = input.varint();
    log.#endsAt = endsAt === 0 ? undefined : Math.ceil(endsAt / everyMs) * everyMs;
    log.#window = ElfstatsWindow.read(input);
    readCodes(input).forEach((code) => log.seen.codes.add(code));
    for (let rest = input.varint(); rest > 0; rest--) {
      log.seen.groups.set(input.text(), readCodes(input));
    }
    for (let rest = input.varint(); rest > 0; rest--) {
      log.seen.patterns.add(input.text());
    }
    return log;
  }

  /** Of several rounds that are over, the last is all that anybody will see. */
  #endBefore(atMs: number): EndedRound | undefined {
    this.#endsAt ??= (Math.floor(atMs / this.#everyMs) + 1) * this.#everyMs;
    if (atMs < this.#endsAt) {
      return undefined;
    }
    const startedAt = Math.floor(atMs / this.#everyMs) * this.#everyMs;
    remember(this.seen, this.#window);
    const window = startedAt === this.#endsAt ? this.#window : new ElfstatsWindow();
    this.#window = new ElfstatsWindow();
    this.#endsAt = startedAt + this.#everyMs;
    return { window, startedAt };
  }
}

function writeCodes(out: ByteWriter, codes: ReadonlySet<number>): void {
  out.varint(codes.size);
  codes.forEach((code) => out.varint(code));
}

function readCodes(input: ByteReader): Set<number> {
  const codes = new Set<number>();
  for (let rest = input.varint(); rest > 0; rest--) {
    codes.add(input.varint());
  }
  return codes;
}
