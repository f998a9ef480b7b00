// Keeps the answers for a view of the past, and asks again while the view ends now.
import { type ReadonlySignal, signal } from "@preact/signals";
import { type Answers, stepOf } from "./answers.ts";
import { loadAnswers, type LoadOptions } from "./load-answers.ts";
import type { View } from "./queries.ts";
import { type Range, resolveRange } from "./ranges.ts";

export interface PastRequest extends Omit<View, "range"> {
  readonly range: Range;
}

export interface Past {
  /** Of the view that is shown, or of the one before while its range or group is being loaded. */
  readonly answers: ReadonlySignal<Answers | undefined>;
  readonly isLoading: ReadonlySignal<boolean>;
  /** Loads this view in place of the one before; undefined stops, as for the live page. */
  show(request: PastRequest | undefined): void;
}

export interface PastOptions extends LoadOptions {
  /** Resolves when, after at least `ms`, somebody looks; or at once when aborted. */
  readonly pause: (ms: number, signal: AbortSignal) => Promise<void>;
  /** Resolves when it takes so long that what has come has to be shown; or when aborted. */
  readonly patience: (signal: AbortSignal) => Promise<void>;
}

/** However short the steps are. */
const refreshMinMs = 5_000;

export function createPast(options: PastOptions): Past {
  const answers = signal<Answers | undefined>(undefined);
  const isLoading = signal(false);
  let stop = new AbortController();

  async function follow(request: PastRequest, aborted: AbortSignal): Promise<void> {
    isLoading.value = true;
    const show = (shown: Answers): void => {
      answers.value = shown;
      isLoading.value = false;
    };
    let onPart = showLate(show, options.patience(aborted), aborted);
    while (!aborted.aborted) {
      const range = resolveRange(request.range, options.now());
      if (range === undefined) {
        return;
      }
      const loaded = await loadAnswers(options, { ...request, range }, { aborted, onPart });
      if (aborted.aborted) {
        return;
      }
      show(keepKnown(answers.peek(), loaded));
      if (request.range.kind === "fixed" && range.to <= options.now()) {
        return;
      }
      await options.pause(Math.max(stepOf(loaded) ?? 0, refreshMinMs), aborted);
      // What is shown by now is whole, and stays until the next is.
      onPart = () => undefined;
    }
  }

  return {
    answers,
    isLoading,
    show(request) {
      stop.abort();
      stop = new AbortController();
      isLoading.value = false;
      if (request === undefined || request.source !== answers.peek()?.view.source) {
        answers.value = undefined;
      }
      if (request !== undefined) {
        void follow(request, stop.signal);
      }
    },
  };
}

/** Shows parts once patience is over. All at once is calmer, as long as nobody has to wait for it. */
function showLate(
  show: (part: Answers) => void,
  patience: Promise<void>,
  aborted: AbortSignal,
): (part: Answers) => void {
  let latest: Answers | undefined;
  let isLate = false;
  const showLatest = (): void => {
    if (isLate && latest !== undefined && !latest.isComplete && !aborted.aborted) {
      show(latest);
    }
  };
  const wait = async (): Promise<void> => {
    await patience;
    isLate = true;
    showLatest();
  };
  void wait();
  return (part) => {
    latest = part;
    showLatest();
  };
}

/**
 * While the server does not answer at all, the last answers for the same view stay, with the
 * reason.
 */
function keepKnown(known: Answers | undefined, loaded: Answers): Answers {
  const isSame =
    known?.view.source === loaded.view.source && known?.view.group === loaded.view.group;
  return known !== undefined && isSame && loaded.replies.size === 0 && loaded.problems.length > 0
    ? { ...known, problems: loaded.problems }
    : loaded;
}
