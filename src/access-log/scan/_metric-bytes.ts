import type { ByteReader, ByteWriter } from "../../core/bytes.ts";
import { Distinct } from "../../core/distinct.ts";
import { Distribution } from "../../core/distribution.ts";
import { Corrupt } from "../../core/errors.ts";
import { Top } from "../../core/top.ts";
import type { MetricResult, PatternResult } from "./log-scanner.ts";

const kinds = ["count", "distribution", "distinct", "top"] as const;

export function writePatterns(out: ByteWriter, all: ReadonlyMap<string, PatternResult>): void {
  out.varint(all.size);
  for (const [name, { total, distinct }] of all) {
    out.text(name);
    out.varint(total);
    out.bytes(distinct.toBytes());
  }
}

export function readPatterns(input: ByteReader): Map<string, PatternResult> {
  const all = new Map<string, PatternResult>();
  for (let rest = input.varint(); rest > 0; rest--) {
    const name = input.text();
    const total = input.varint();
    all.set(name, { total, distinct: Distinct.fromBytes(input.bytes()) });
  }
  return all;
}

export function writeMetrics(out: ByteWriter, all: ReadonlyMap<string, MetricResult>): void {
  out.varint(all.size);
  for (const [name, { kind, rows }] of all) {
    out.text(name);
    out.byte(kinds.indexOf(kind));
    out.varint(rows.size);
    for (const [labels, value] of rows) {
      out.text(labels);
      if (typeof value === "number") {
        out.float64(value);
      } else {
        out.bytes(value.toBytes());
      }
    }
  }
}

export function readMetrics(input: ByteReader): Map<string, MetricResult> {
  const all = new Map<string, MetricResult>();
  for (let rest = input.varint(); rest > 0; rest--) {
    const name = input.text();
    const kind = kinds[input.byte()];
    if (kind === undefined) {
      throw new Corrupt(`the metric ${name} of no kind`);
    }
    const rows = new Map<string, number | Distribution | Distinct | Top>();
    for (let left = input.varint(); left > 0; left--) {
      rows.set(input.text(), readValue(input, kind));
    }
    all.set(name, { kind, rows });
  }
  return all;
}

function readValue(
  input: ByteReader,
  kind: MetricResult["kind"],
): number | Distribution | Distinct | Top {
  switch (kind) {
    case "count":
      return input.float64();
    case "distribution":
      return Distribution.fromBytes(input.bytes());
    case "distinct":
      return Distinct.fromBytes(input.bytes());
    case "top":
      return Top.fromBytes(input.bytes());
  }
}
