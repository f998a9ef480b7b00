import type { JSX } from "preact";
import { formatCount, formatRatio } from "../format.ts";
import { type Missing, toMissingText } from "../missing.ts";
import type { TargetRow } from "../traffic.ts";

/** While the page is live. */
export const targetsShown = 10;

/** The heaviest targets, with bars for their shares. */
export function Targets({
  rows,
  missing,
  ofAllGroups,
}: {
  readonly rows: readonly TargetRow[];
  readonly missing?: Missing;
  /** Whether the charts beside it are of one group alone, which this is not. */
  readonly ofAllGroups: boolean;
}): JSX.Element {
  const widest = Math.max(0, ...rows.map(({ ratio }) => ratio)) || 1;
  return (
    <div class="targets">
      <table>
        <caption title="Only the heaviest of each window are known by name: it may be a little more.">
          Top targets
          {ofAllGroups && <span class="muted"> of all groups</span>}
        </caption>
        <colgroup>
          <col />
          <col class="count-column" />
          <col class="share-column" />
        </colgroup>
        <tbody>
          {rows.map(({ key, count, ratio }) => (
            <tr key={key}>
              <td title={key}>
                <i class="share" style={{ inlineSize: `${(100 * ratio) / widest}%` }} />
                <span>{key}</span>
              </td>
              <td class="number">{formatCount(count)}</td>
              <td class="number muted">{formatRatio(Math.round(ratio * 1000) / 1000)}</td>
            </tr>
          ))}
        </tbody>
      </table>
      {rows.length === 0 && (
        <p class="muted">{toMissingText(missing, "No targets were counted.")}</p>
      )}
    </div>
  );
}
