import type { Answers } from "./answers.ts";
import { type Api, ApiError } from "./api.ts";
import { planQueries, type View } from "./queries.ts";

export interface LoadOptions {
  readonly api: Pick<Api, "query" | "heatMap" | "tops">;
  /** The server's time, in milliseconds since the epoch. */
  readonly now: () => number;
}

export interface Loading {
  readonly aborted: AbortSignal;
  /** Called with all that has come, whenever more has; the last time with everything. */
  readonly onPart: (part: Answers) => void;
}

/** Asks for everything in the view's plan at once. What fails is left out, and said. */
export async function loadAnswers(
  { api, now }: LoadOptions,
  view: View,
  { aborted, onPart }: Loading,
): Promise<Answers> {
  const { queries, heatMap, tops } = planQueries(view);
  let answers: Answers = {
    view,
    askedAt: now(),
    replies: new Map(),
    heatMap: undefined,
    tops: undefined,
    problems: [],
    isComplete: false,
  };
  let waiting = 0;
  async function take<Body>(
    request: Promise<{ readonly body: Body }>,
    add: (body: Body) => Partial<Answers>,
  ): Promise<void> {
    waiting++;
    try {
      const { body } = await request;
      answers = { ...answers, ...add(body) };
    } catch (error) {
      answers = { ...answers, problems: withProblem(answers.problems, toProblem(error)) };
    }
    waiting--;
    answers = { ...answers, isComplete: waiting === 0 };
    onPart(answers);
  }
  const taken = queries.map(({ name, params }) =>
    take(api.query(params, aborted), (reply) => ({
      replies: new Map(answers.replies).set(name, reply),
    })),
  );
  if (heatMap !== undefined) {
    taken.push(take(api.heatMap(heatMap, aborted), (reply) => ({ heatMap: reply })));
  }
  if (tops !== undefined) {
    taken.push(take(api.tops(tops, aborted), (reply) => ({ tops: reply })));
  }
  await Promise.all(taken);
  return { ...answers, isComplete: true };
}

function withProblem(problems: readonly string[], problem: string): readonly string[] {
  return problems.includes(problem) ? problems : [...problems, problem];
}

function toProblem(error: unknown): string {
  if (!(error instanceof ApiError)) {
    return "the server cannot be reached";
  }
  return error.code === "QUERY_TOO_LARGE"
    ? `${error.message} A shorter range, or one group alone, is less work.`
    : error.message;
}
