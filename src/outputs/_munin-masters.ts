// What each Munin master has got. A master asks for all that is newer than the newest second it was told, which says
// nothing about sources that were late: so it is remembered what was told it up to there.
import type { ByteReader, ByteWriter } from "../core/bytes.ts";

interface Answer {
  /** The newest second in it. */
  readonly atS: number;
  /** Everything up to this point was in it, or in those before. */
  readonly serial: number;
}

interface Master {
  readonly answers: Answer[];
  /** It has asked for what comes after this. */
  doneSerial: number;
  /** The newest second of the spool when it asked last. */
  seenS: number;
}

const mastersMax = 16;
const answersMax = 8;

export class Masters {
  readonly #masters = new Map<string, Master>();

  /** From the peer's question to the serial number after which it is told. Undefined: what it has is not known. */
  ask(peer: string, afterS: number, newestS: number): number | undefined {
    const master = this.#of(peer);
    master.seenS = newestS;
    const known = master.answers.findLast(({ atS }) => atS === afterS);
    if (known !== undefined) {
      master.doneSerial = Math.max(master.doneSerial, known.serial);
    }
    return known?.serial;
  }

  told(peer: string, answer: Answer): void {
    const { answers } = this.#of(peer);
    answers.push(answer);
    answers.splice(0, answers.length - answersMax);
  }

  /** What every master has got that asked since `sinceS`; undefined when none did. */
  doneSerial(sinceS: number): number | undefined {
    const serials = [...this.#masters.values()]
      .filter(({ seenS }) => seenS >= sinceS)
      .map(({ doneSerial }) => doneSerial);
    return serials.length === 0 ? undefined : Math.min(...serials);
  }

  get isEmpty(): boolean {
    return this.#masters.size === 0;
  }

  write(out: ByteWriter): void {
    out.varint(this.#masters.size);
    for (const [peer, { answers, doneSerial, seenS }] of this.#masters) {
      out.text(peer);
      out.varint(doneSerial);
      out.varint(seenS);
      out.varint(answers.length);
      for (const { atS, serial } of answers) {
        out.varint(atS);
        out.varint(serial);
      }
    }
  }

  /** Throws Corrupt for anything that `write` did not write. */
  static read(input: ByteReader): Masters {
    const masters = new Masters();
    for (let rest = input.varint(); rest > 0; rest--) {
      const peer = input.text();
      const [doneSerial, seenS] = [input.varint(), input.varint()];
      const answers: Answer[] = [];
      for (let more = input.varint(); more > 0; more--) {
        answers.push({ atS: input.varint(), serial: input.varint() });
      }
      masters.#masters.set(peer, { answers, doneSerial, seenS });
    }
    return masters;
  }

  /** The one that has asked longest ago makes room for a new one. */
  #of(peer: string): Master {
    let master = this.#masters.get(peer);
    if (master === undefined) {
      const [oldest] = [...this.#masters].toSorted(([, a], [, b]) => a.seenS - b.seenS);
      if (this.#masters.size >= mastersMax && oldest !== undefined) {
        this.#masters.delete(oldest[0]);
      }
      master = { answers: [], doneSerial: 0, seenS: 0 };
      this.#masters.set(peer, master);
    }
    return master;
  }
}
