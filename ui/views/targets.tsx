import type { JSX } from "preact";
import { formatCount, formatRatio } from "../format.ts";
import { rankTargets, type TrafficWindow } from "../traffic.ts";

const targetsShown = 10;

/** The heaviest targets of the last 15 minutes, with bars for their shares. */
export function Targets({ windows }: { readonly windows: readonly TrafficWindow[] }): JSX.Element {
  const rows = rankTargets(windows, targetsShown);
  const widest = rows[0]?.ratio ?? 1;
  return (
    <div class="targets">
      <table>
        <caption title="Each window names its ten heaviest targets: a count is what they add up to, and may be more.">
          Top targets
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
      {rows.length === 0 && <p class="muted">No targets were counted.</p>}
    </div>
  );
}
