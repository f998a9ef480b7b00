import type { JSX } from "preact";
import type { ReaderStatus } from "../api.ts";
import { formatCount, formatNumber } from "../format.ts";
import { formatLag, formatLoss, type Looked, toBatchRate, toOutputStatus } from "../outputs.ts";
import { usePage } from "../page.ts";
import { Ago } from "./ago.tsx";
import { Mark } from "./mark.tsx";
import { OutputTrial } from "./output-trial.tsx";
import { RepeatForm } from "./repeat-form.tsx";

/** Where measurements go, and the readers inside of the node: how far each is, and what keeps it. */
export function OutputsView(): JSX.Element {
  const { now, before } = usePage().store.readers.value ?? {};
  const outputs = now?.readers.filter(({ output }) => output !== null) ?? [];
  const own = now?.readers.filter(({ output }) => output === null) ?? [];
  return (
    <div class="overview">
      <section class="sources outputs" aria-labelledby="outputs-heading">
        <h2 id="outputs-heading">Outputs</h2>
        {now === undefined && <p class="muted">Loading…</p>}
        {now !== undefined && outputs.length === 0 && (
          <p class="muted">
            No outputs yet. Add one under <code>outputs</code> in watchpost.yml.
          </p>
        )}
        {now !== undefined && outputs.length > 0 && (
          <ReaderTable readers={outputs} now={now} before={before} hasActions />
        )}
      </section>
      {now !== undefined && own.length > 0 && (
        <section class="sources outputs" aria-labelledby="own-heading">
          <h2 id="own-heading">Inside of this node</h2>
          <ReaderTable readers={own} now={now} before={before} hasActions={false} />
        </section>
      )}
    </div>
  );
}

interface TableProps {
  readonly readers: readonly ReaderStatus[];
  readonly now: Looked;
  readonly before: Looked | undefined;
  readonly hasActions: boolean;
}

function ReaderTable({ readers, now, before, hasActions }: TableProps): JSX.Element {
  return (
    <table>
      <thead>
        <tr>
          <th scope="col">{hasActions ? "Output" : "Reader"}</th>
          <th scope="col">State</th>
          <th scope="col">Behind</th>
          <th scope="col" class="number">
            Batches/s
          </th>
          <th scope="col" class="number">
            Errors
          </th>
          <th scope="col" class="number">
            Last success
          </th>
          {hasActions && <th scope="col" />}
        </tr>
      </thead>
      <tbody>
        {readers.map((reader) => (
          <ReaderRow key={reader.name} reader={reader} rate={toBatchRate(before, now, reader)} />
        ))}
      </tbody>
    </table>
  );
}

function ReaderRow({
  reader,
  rate,
}: {
  readonly reader: ReaderStatus;
  readonly rate: number | null;
}): JSX.Element {
  const { name, output, errors, lastError, lastSuccessAt } = reader;
  const loss = formatLoss(reader);
  const columns = output === null ? 6 : 7;
  return (
    <>
      <tr>
        <th scope="row">
          {output?.id ?? name}
          {output !== null && <span class="muted kind"> {output.kind}</span>}
        </th>
        <td>
          <Mark {...toOutputStatus(reader)} />
        </td>
        <td>{formatLag(reader)}</td>
        <td class="number">{formatNumber(rate)}</td>
        <td class="number">{formatCount(errors)}</td>
        <td class="number">
          {lastSuccessAt === null ? <span class="muted">never</span> : <Ago at={lastSuccessAt} />}
        </td>
        {output !== null && (
          <td class="actions">
            {output.isAsked ? (
              <span class="muted">is asked by others</span>
            ) : (
              <OutputTrial id={output.id} />
            )}
            {output.isRepeatable && <RepeatForm id={output.id} />}
          </td>
        )}
      </tr>
      {lastError !== null && <Below text={lastError} tone="bad" columns={columns} />}
      {loss !== undefined && <Below text={loss} tone="warn" columns={columns} />}
    </>
  );
}

function Below({
  text,
  tone,
  columns,
}: {
  readonly text: string;
  readonly tone: "bad" | "warn";
  readonly columns: number;
}): JSX.Element {
  return (
    <tr class="below">
      <td colSpan={columns}>
        <span class={tone}>{text}</span>
      </td>
    </tr>
  );
}
