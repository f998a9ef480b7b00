// What has come and what was dropped since the last observation.
import { count, noLabels, type Sample } from "../../core/sample.ts";
import type { SyslogAddress } from "./parse-syslog-address.ts";
import { type DropReason, dropReasons } from "./syslog-metrics.ts";

type Transport = SyslogAddress["transport"];
type RefusalReason = "not_allowed" | "too_many";

/** With these, lines are missing that belong into a window. */
const lossReasons: ReadonlySet<DropReason> = new Set([
  "no_room",
  "system",
  "sender",
  "too_long",
  "malformed",
]);

export class SyslogCounts {
  connections = 0;
  #hasLost = false;
  readonly #messages = new Map<Transport, number>();
  readonly #dropped = new Map<DropReason, number>();
  readonly #refused = new Map<RefusalReason, number>();

  addMessage(transport: Transport): void {
    this.#messages.set(transport, (this.#messages.get(transport) ?? 0) + 1);
  }

  addDropped(reason: DropReason, messages: number): void {
    this.#hasLost ||= messages > 0 && lossReasons.has(reason);
    this.#dropped.set(reason, (this.#dropped.get(reason) ?? 0) + messages);
  }

  addRefused(reason: RefusalReason): void {
    this.#refused.set(reason, (this.#refused.get(reason) ?? 0) + 1);
  }

  /** Whether lines went missing since the last call. */
  takeLoss(): boolean {
    const hasLost = this.#hasLost;
    this.#hasLost = false;
    return hasLost;
  }

  /** `transports`: those that are listened on; what they lack is zero. */
  takeSamples(transports: ReadonlySet<Transport>): Sample[] {
    const samples: Sample[] = [...transports].map((transport) =>
      count("watchpost_syslog_messages_total", this.#messages.get(transport) ?? 0, { transport }),
    );
    for (const reason of dropReasons) {
      const dropped = this.#dropped.get(reason) ?? 0;
      if (dropped > 0 || reason === "no_room") {
        samples.push(count("watchpost_syslog_dropped_total", dropped, { reason }));
      }
    }
    for (const [reason, connections] of this.#refused) {
      const name = "watchpost_syslog_refused_connections_total";
      samples.push(count(name, connections, { reason }));
    }
    if (transports.has("tcp")) {
      const name = "watchpost_syslog_connections";
      samples.push({ kind: "gauge", name, labels: noLabels, value: this.connections });
    }
    this.#messages.clear();
    this.#dropped.clear();
    this.#refused.clear();
    return samples;
  }
}
