// What following itself has to tell: events, and metrics of one observation.
import { count, type Event, gauge, noLabels, type Sample } from "../../core/sample.ts";

/** More in one window say nothing that the first do not. */
const eventsMax = 100;

export class FollowingCounts {
  rotations = 0;
  truncations = 0;
  lostBytes = 0;
  /** Something is missing, perhaps more than is known. */
  isPartial = false;
  #events: Event[] = [];

  note(at: number, name: string, text: string): void {
    if (this.#events.length < eventsMax) {
      this.#events.push({ at, name, labels: noLabels, text });
    }
  }

  takeEvents(): Event[] {
    const events = this.#events;
    this.#events = [];
    return events;
  }

  /** Counts only where something happened: nothing else of them is news. */
  takeSamples(lag: Lag): Sample[] {
    const counts = [
      count("watchpost_log_rotations_total", this.rotations),
      count("watchpost_log_truncations_total", this.truncations),
      count("watchpost_log_lost_bytes_total", this.lostBytes),
    ];
    [this.rotations, this.truncations, this.lostBytes] = [0, 0, 0];
    return [
      gauge("watchpost_log_lag_bytes", lag.bytes),
      gauge("watchpost_log_lag_seconds", lag.seconds),
      gauge("watchpost_log_open_files", lag.openFiles),
      ...counts.filter(({ value }) => value > 0),
    ];
  }
}

export interface Lag {
  readonly bytes: number;
  readonly seconds: number;
  readonly openFiles: number;
}
