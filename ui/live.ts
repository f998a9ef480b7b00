// Follows the event stream over fetch: EventSource could not send the Authorization header.
import { ApiError } from "./api.ts";
import { createSseParser, type SseEvent, type SseParser } from "./sse.ts";

export interface LiveOptions {
  /** Opens the stream after `lastEventId` (empty at first). */
  connect(lastEventId: string, signal: AbortSignal): Promise<Response>;
  /** Resolves after `ms`, or at once when aborted. */
  sleep(ms: number, signal: AbortSignal): Promise<void>;
  readonly random: () => number;
  readonly signal: AbortSignal;
  readonly on: LiveHandlers;
}

export interface LiveHandlers {
  /** The server accepted the stream. */
  open(): void;
  event(event: SseEvent): void;
  /** The stream ended or could not be opened; another attempt follows after `retryMs`. */
  lost(reason: string, retryMs: number): void;
}

const firstRetryMs = 500;
const retryMaxMs = 15_000;
/**
 * Ticks come each second: a stream that says nothing for so long is dead, whatever TCP believes.
 */
const silenceMaxMs = 20_000;

/**
 * Runs until `signal` is aborted; connects again after failures, with growing pauses, from where it
 * stopped. Rejects only with an ApiError that says `denied`: then a token is needed first.
 */
export async function followLive(options: LiveOptions): Promise<void> {
  const { signal, on } = options;
  let lastEventId = "";
  let failures = 0;
  while (!signal.aborted) {
    const parser = createSseParser(lastEventId);
    const outcome = await readStream(options, parser);
    if (signal.aborted) {
      return;
    }
    failures = outcome.received ? 1 : failures + 1;
    lastEventId = parser.lastEventId;
    const pauseMs = Math.max(parser.retryMs ?? 0, retryPauseMs(failures, options.random));
    on.lost(outcome.reason, pauseMs);
    await options.sleep(pauseMs, signal);
  }
}

/**
 * Doubles with each failure up to the maximum; half of it is random, so that many pages do not come
 * back together.
 */
function retryPauseMs(failures: number, random: () => number): number {
  const full = Math.min(retryMaxMs, firstRetryMs * 2 ** Math.min(failures - 1, 20));
  return Math.round(full / 2 + (full / 2) * random());
}

interface Outcome {
  readonly received: boolean;
  readonly reason: string;
}

async function readStream(options: LiveOptions, parser: SseParser): Promise<Outcome> {
  const silence = new AbortController();
  const signal = AbortSignal.any([options.signal, silence.signal]);
  const abort = (): void => silence.abort(new Error("The server fell silent."));
  let timer = setTimeout(abort, silenceMaxMs);
  let received = false;
  try {
    const response = await options.connect(parser.lastEventId, signal);
    options.on.open();
    for await (const text of readText(response)) {
      clearTimeout(timer);
      timer = setTimeout(abort, silenceMaxMs);
      for (const event of parser.push(text)) {
        received = true;
        options.on.event(event);
      }
    }
    return { received, reason: "The server ended the stream." };
  } catch (error) {
    if (error instanceof ApiError && error.denied) {
      throw error;
    }
    return { received, reason: toReason(error) };
  } finally {
    clearTimeout(timer);
  }
}

/** Chunks as text. A reader, because not every browser iterates streams. */
async function* readText(response: Response): AsyncGenerator<string> {
  const reader = response.body?.pipeThrough(new TextDecoderStream()).getReader();
  try {
    for (let next = await reader?.read(); next && !next.done; next = await reader?.read()) {
      yield next.value;
    }
  } finally {
    await reader?.cancel();
  }
}

function toReason(error: unknown): string {
  // What fetch throws when nobody answers is worded by the browser, each in its own way.
  if (error instanceof TypeError) {
    return "The server cannot be reached.";
  }
  return error instanceof Error ? error.message : "The stream broke off.";
}
