// Keeps the answers for a view of the past, and asks again while the view ends now.
import { type ReadonlySignal, signal } from "@preact/signals";
import { type Answers, stepOf } from "./answers.ts";
import { type Api, ApiError, type QueryReply } from "./api.ts";
import { type AnswerName, planQueries, type View } from "./queries.ts";
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

export interface PastOptions {
  readonly api: Pick<Api, "query" | "heatMap" | "tops">;
  /** The server's time, in milliseconds since the epoch. */
  readonly now: () => number;
  /** Resolves when, after at least `ms`, somebody looks; or at once when aborted. */
  readonly pause: (ms: number, signal: AbortSignal) => Promise<void>;
}

/** However short the steps are. */
const refreshMinMs = 5_000;

export function createPast(options: PastOptions): Past {
  const answers = signal<Answers | undefined>(undefined);
  const isLoading = signal(false);
  let stop = new AbortController();

  async function follow(request: PastRequest, aborted: AbortSignal): Promise<void> {
    isLoading.value = true;
    while (!aborted.aborted) {
      const range = resolveRange(request.range, options.now());
      if (range === undefined) {
        return;
      }
      const loaded = await loadAnswers(options, { ...request, range }, aborted);
      if (aborted.aborted) {
        return;
      }
      answers.value = keepKnown(answers.peek(), loaded);
      isLoading.value = false;
      if (request.range.kind === "fixed" && range.to <= options.now()) {
        return;
      }
      await options.pause(Math.max(stepOf(loaded) ?? 0, refreshMinMs), aborted);
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

/** Everything that the view's plan asks for, at once. What fails is left out, and said. */
export async function loadAnswers(
  { api, now }: Pick<PastOptions, "api" | "now">,
  view: View,
  aborted: AbortSignal,
): Promise<Answers> {
  const askedAt = now();
  const plan = planQueries(view);
  const replies = new Map<AnswerName, QueryReply>();
  const problems = new Set<string>();
  async function attempt<Body>(
    request: Promise<{ readonly body: Body }>,
  ): Promise<Body | undefined> {
    try {
      return (await request).body;
    } catch (error) {
      problems.add(toProblem(error));
      return undefined;
    }
  }
  const queries = plan.queries.map(async ({ name, params }) => {
    const reply = await attempt(api.query(params, aborted));
    if (reply !== undefined) {
      replies.set(name, reply);
    }
  });
  const [heatMap, tops] = await Promise.all([
    plan.heatMap === undefined ? undefined : attempt(api.heatMap(plan.heatMap, aborted)),
    plan.tops === undefined ? undefined : attempt(api.tops(plan.tops, aborted)),
    ...queries,
  ]);
  return { view, askedAt, replies, heatMap, tops, problems: [...problems] };
}

function toProblem(error: unknown): string {
  if (!(error instanceof ApiError)) {
    return "the server cannot be reached";
  }
  return error.code === "QUERY_TOO_LARGE"
    ? `${error.message} A shorter range, or one group alone, is less work.`
    : error.message;
}
