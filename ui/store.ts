// All that the page shows, as signals. Batches are folded as they come; what depends on them is
// drawn once a frame.
import { batch, type ReadonlySignal, type Signal, signal } from "@preact/signals";
import type {
  BatchJson,
  GapJson,
  Incident,
  ReaderStatus,
  SourcesReply,
  SourceStatus,
} from "./api.ts";
import { createHistory, type PageWindow } from "./history.ts";
import { announce, mergeIncidents, upsertIncident } from "./incidents.ts";
import type { Looks } from "./outputs.ts";
import type { Window } from "./series.ts";
import type { SseEvent } from "./sse.ts";

/** The state of the event stream. */
export type Link =
  | { readonly state: "connecting" }
  | { readonly state: "live" }
  | { readonly state: "lost"; readonly reason: string };

export interface Node {
  readonly name: string;
  readonly version: string;
}

export interface Frame {
  /** The time by the journal, in milliseconds since the epoch; 0 before it is known. */
  readonly now: number;
  /** The time axis while the page is live. */
  readonly range: Window;
}

export interface Store {
  readonly node: ReadonlySignal<Node | undefined>;
  /** Undefined until they were loaded. */
  readonly sources: ReadonlySignal<readonly SourceStatus[] | undefined>;
  readonly incidents: ReadonlySignal<readonly Incident[] | undefined>;
  readonly readers: ReadonlySignal<Looks | undefined>;
  /** What changed, for those who cannot see it. */
  readonly announcement: ReadonlySignal<string>;
  /** A new object for every frame that has news: whoever reads it is drawn again. */
  readonly frame: ReadonlySignal<Frame>;
  readonly link: Signal<Link>;
  /** Why the last request failed. */
  readonly problem: Signal<string | undefined>;
  /** What the stream could not deliver since the page was opened. */
  readonly missed: Signal<GapJson | undefined>;
  /** Whether the server lets us in. */
  readonly access: Signal<"open" | "needed" | "refused">;
  windowsOf(source: string): readonly PageWindow[];
  takeSources(reply: SourcesReply, serverNow: number | undefined): void;
  takeIncidents(snapshot: readonly Incident[]): void;
  /** `at` is any clock in milliseconds that only grows. */
  takeReaders(readers: readonly ReaderStatus[], at: number): void;
  /** An event of the stream. Throws a SyntaxError when its data is not JSON. */
  takeEvent(event: SseEvent): void;
}

/** `schedule` runs the given function once, when the page is next drawn. */
export function createStore(schedule: (draw: () => void) => void): Store {
  const history = createHistory();
  const node = signal<Node | undefined>(undefined);
  const sources = signal<readonly SourceStatus[] | undefined>(undefined);
  const incidents = signal<readonly Incident[] | undefined>(undefined);
  const readers = signal<Looks | undefined>(undefined);
  const announcement = signal("");
  const missed = signal<GapJson | undefined>(undefined);
  const frame = signal<Frame>({ now: 0, range: history.range });
  let scheduled = false;

  function requestFrame(): void {
    if (!scheduled) {
      scheduled = true;
      schedule(() => {
        scheduled = false;
        frame.value = { now: history.now, range: history.range };
      });
    }
  }

  function takeIncident(changed: Incident): void {
    const known = incidents.peek();
    // Before the snapshot nothing is known, and everything would be news. The snapshot will have
    // it.
    if (known !== undefined) {
      batch(() => {
        announcement.value = announce(known, changed) ?? announcement.peek();
        incidents.value = upsertIncident(known, changed);
      });
    }
  }

  return {
    node,
    sources,
    incidents,
    readers,
    announcement,
    frame,
    missed,
    link: signal<Link>({ state: "connecting" }),
    problem: signal<string | undefined>(undefined),
    access: signal<"open" | "needed" | "refused">("open"),
    windowsOf: (source) => history.windowsOf(source),
    takeSources(reply, serverNow) {
      batch(() => {
        node.value = { name: reply.node, version: reply.version };
        sources.value = reply.sources;
      });
      history.advance(serverNow ?? 0);
      requestFrame();
    },
    takeIncidents(snapshot) {
      incidents.value = mergeIncidents(incidents.peek() ?? [], snapshot);
    },
    takeReaders(looked, at) {
      readers.value = { now: { at, readers: looked }, before: readers.peek()?.now };
    },
    takeEvent({ name, data }) {
      if (name === "batch") {
        const taken: BatchJson = JSON.parse(data);
        history.take(taken);
        requestFrame();
      } else if (name === "incident") {
        const changed: Incident = JSON.parse(data);
        takeIncident(changed);
      } else if (name === "gap") {
        const gap: GapJson = JSON.parse(data);
        missed.value = addGap(missed.peek(), gap);
      }
    },
  };
}

function addGap(missed: GapJson | undefined, { reason, batches }: GapJson): GapJson {
  return { reason, batches: (missed?.batches ?? 0) + batches };
}
