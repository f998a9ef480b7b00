// Everything that is known about one window of a log: mergeable, and as bytes part of a source's
// resume position.
import { ByteReader, ByteWriter } from "../../core/bytes.ts";
import type { ScanResult } from "../scan/log-scanner.ts";
import { mergeScanResults, scanResultFromBytes, scanResultToBytes } from "../scan/scan-result.ts";
import type { Tallies } from "../scan/tallies.ts";

/** One window. A scanner counts into its tallies; everything else happens once a window. */
export class WindowAggregate {
  readonly tallies: Tallies;
  /** Lines whose own window was closed already. */
  late = 0;
  /** Lines from a time to come. */
  early = 0;
  /** Something that belongs into this window is known to be missing. */
  isPartial = false;
  /** What earlier lives of the source have counted. */
  #before: ScanResult | undefined;

  constructor(tallies: Tallies) {
    this.tallies = tallies;
  }

  get result(): ScanResult {
    const result = this.tallies.toResult();
    return this.#before === undefined ? result : mergeScanResults(this.#before, result);
  }

  toBytes(): Uint8Array<ArrayBuffer> {
    const out = new ByteWriter(1024);
    out.byte(this.isPartial ? 1 : 0);
    out.varint(this.late);
    out.varint(this.early);
    out.bytes(scanResultToBytes(this.result));
    return out.finish();
  }

  /**
   * Adds what toBytes wrote. Throws Corrupt for anything else. Metrics of the user's own are left
   * out unless they were defined as they are now: rows of other labels cannot be told apart.
   */
  restore(bytes: Uint8Array, hasSameMetrics = true): void {
    const input = new ByteReader(bytes);
    this.isPartial = input.byte() === 1 || this.isPartial;
    this.late += input.varint();
    this.early += input.varint();
    const saved = scanResultFromBytes(input.bytes());
    const result = hasSameMetrics ? saved : { ...saved, metrics: new Map<string, never>() };
    this.#before = this.#before === undefined ? result : mergeScanResults(this.#before, result);
  }
}
