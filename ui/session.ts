// Keeps the store fed: the snapshots by polling, everything else by the event stream.
import { type Api, ApiError, createApi } from "./api.ts";
import { followLive } from "./live.ts";
import type { Store } from "./store.ts";
import { pause, sleep } from "./waiting.ts";

export interface Session {
  /** For whatever else the page asks. */
  readonly api: Api;
  /** Begins anew with this token. */
  submitToken(token: string): void;
}

const tokenKey = "watchpost.token";

/** States of sources do not come by the stream. */
const pollMs = 5_000;
/** Incidents do; this heals what crossed on the way. */
const pollsPerIncidents = 6;

/** Runs for the life of the page. The token is kept in `tokens` (the session's storage). */
export function startSession(store: Store, tokens: Storage): Session {
  const api = createApi(() => tokens.getItem(tokenKey));
  void run(store, api, tokens.getItem(tokenKey) !== null);
  return {
    api,
    submitToken(token) {
      tokens.setItem(tokenKey, token);
      store.access.value = "open";
      store.link.value = { state: "connecting" };
      void run(store, api, true);
    },
  };
}

/** Until the server asks for another token. */
async function run(store: Store, api: Api, hasToken: boolean): Promise<void> {
  const stop = new AbortController();
  try {
    await Promise.all([poll(store, api, stop.signal), follow(store, api, stop.signal)]);
  } catch (error) {
    if (!(error instanceof ApiError && error.denied)) {
      throw error;
    }
    store.access.value = hasToken ? "refused" : "needed";
  } finally {
    stop.abort();
  }
}

async function poll(store: Store, api: Api, signal: AbortSignal): Promise<void> {
  for (let turn = 0; !signal.aborted; turn++) {
    try {
      const sources = await api.sources(signal);
      store.takeSources(sources.body, sources.serverNow);
      const { body } = await api.readers(signal);
      store.takeReaders(body.readers, performance.now());
      if (turn % pollsPerIncidents === 0 || store.incidents.peek() === undefined) {
        await loadIncidents(store, api, signal);
      }
      store.problem.value = undefined;
    } catch (error) {
      if (error instanceof ApiError && error.denied) {
        throw error;
      }
      store.problem.value = error instanceof ApiError ? error.message : undefined;
    }
    await pause(pollMs, signal);
  }
}

async function loadIncidents(store: Store, api: Api, signal: AbortSignal): Promise<void> {
  const { body } = await api.incidents(signal);
  store.takeIncidents(body.incidents);
}

function follow(store: Store, api: Api, signal: AbortSignal): Promise<void> {
  return followLive({
    connect: (lastEventId, aborted) => api.live(lastEventId, aborted),
    sleep,
    random: Math.random,
    signal,
    on: {
      open() {
        store.link.value = { state: "live" };
      },
      event: (event) => store.takeEvent(event),
      lost(reason) {
        store.link.value = { state: "lost", reason };
      },
    },
  });
}
