import type { FailureReason } from "../../format/line-format.ts";

/** Why lines are unparsed, for people. */
export const reasonTexts: Readonly<Record<FailureReason, string>> = {
  empty_line: "nothing in the line",
  wrong_layout: "not laid out as the format says",
  bad_time: "no time where one has to be",
  bad_status: "no status where one has to be",
  bad_number: "no number where one has to be",
  bad_json: "not one JSON object",
  no_header: "before any #Fields line",
};
