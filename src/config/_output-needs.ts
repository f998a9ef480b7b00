// An output that needs finer windows than a source has would write wrong numbers all day: better to say so at once.
import type { Output, Source } from "../core/component.ts";
import { toDurationText } from "../core/units.ts";
import type { OutputConfig, SourceConfig } from "./config.ts";
import { listKeys, quoteKey, type Finding } from "./_findings.ts";

export interface Connected {
  readonly sources: readonly SourceConfig[];
  readonly outputs: readonly OutputConfig[];
  readonly kinds: { readonly sources: readonly Source[]; readonly outputs: readonly Output[] };
}

/** Looks at what is valid by itself. */
export function checkOutputNeeds(
  { sources, outputs, kinds }: Connected,
  findings: Finding[],
): void {
  for (const output of outputs) {
    const definition = kinds.outputs.find(({ name }) => name === output.kind);
    const need = definition?.needs?.(output.options);
    if (need === undefined) {
      continue;
    }
    const measuring = sources.filter(({ kind }) => {
      const metrics = kinds.sources.find(({ name }) => name === kind)?.metrics ?? {};
      return Object.hasOwn(metrics, need.metric);
    });
    const meant = measuring.filter(
      ({ id, outputs: listed }) =>
        (need.sources?.includes(id) ?? true) && (listed?.includes(output.id) ?? true),
    );
    const windowText = toDurationText(need.everyMsMax);
    for (const { id, everyMs } of meant.filter((one) => one.everyMs > need.everyMsMax)) {
      const message =
        `is ${toDurationText(everyMs)}, and the output ${quoteKey(output.id)} (${output.kind}) needs windows of ` +
        `${windowText} at most; write \`every: ${windowText}\`, or list \`outputs\` without it`;
      findings.push({ path: ["sources", id, "every"], code: "invalid", message });
    }
    const known = measuring.map(({ id }) => id);
    const path = ["outputs", output.id];
    for (const id of need.sources?.filter((one) => !known.includes(one)) ?? []) {
      const list = known.length === 0 ? "there is none" : `there are ${listKeys(known, "and")}`;
      const message = `names the source ${quoteKey(id)}, which does not measure \`${need.metric}\`; of those that do, ${list}`;
      findings.push({ path, code: "reference", message });
    }
  }
}
