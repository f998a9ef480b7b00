// What the history answered for a view, and how charts find their lines in it.
import type { HeatMapReply, Labels, QueryReply, TopsReply } from "./api.ts";
import { type Line, shiftLine } from "./past-columns.ts";
import type { AnswerName, QueryName, View } from "./queries.ts";
import { weekMs } from "./ranges.ts";

export interface Answers {
  readonly view: View;
  /** In milliseconds since the epoch: a step that had not ended then is not complete. */
  readonly askedAt: number;
  /** Those that failed, or have not come yet, are missing. */
  readonly replies: ReadonlyMap<AnswerName, QueryReply>;
  readonly heatMap: HeatMapReply | undefined;
  readonly tops: TopsReply | undefined;
  /** Why some are missing, once each. */
  readonly problems: readonly string[];
  /** Whether no more will come. */
  readonly isComplete: boolean;
}

export interface LabelledLine extends Line {
  readonly labels: Labels;
}

/** Of one source. */
export function linesOf({ replies }: Answers, name: AnswerName, source: string): LabelledLine[] {
  const reply = replies.get(name);
  if (reply === undefined) {
    return [];
  }
  const { stepMs, spans = [] } = reply;
  return reply.series
    .filter(({ labels }) => labels["source"] === source)
    .map(({ labels, points }) => ({ labels, points, stepMs, spans }));
}

/**
 * Of one source a week before, moved to where they are compared; none when the view compares
 * nothing.
 */
export function linesBefore(answers: Answers, name: QueryName, source: string): LabelledLine[] {
  const lines = linesOf(answers, `${name}Before`, source);
  return lines.map((line) => shiftLine(line, weekMs));
}

/** A line without points, in the steps of this answer. */
export function emptyLine({ replies }: Answers, name: AnswerName): Line {
  const { stepMs = 0, spans = [] } = replies.get(name) ?? {};
  return { points: [], stepMs, spans };
}

/** The shortest of the steps of all answers; undefined without any. */
export function stepOf({ replies }: Answers): number | undefined {
  const steps = [...replies.values()].map(({ stepMs }) => stepMs);
  return steps.length === 0 ? undefined : Math.min(...steps);
}
