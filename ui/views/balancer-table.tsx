import { type Signal, useSignal } from "@preact/signals";
import { Fragment, type JSX } from "preact";
import type { SourceStatus } from "../api.ts";
import {
  type BalancerRow,
  fillRatio,
  listProxies,
  type Proxy,
  readCell,
  rowKey,
  toTone,
} from "../balancer.ts";
import { type Cell, type CellName, cells } from "../balancer-cells.ts";
import { formatRatio } from "../format.ts";
import type { Window } from "../series.ts";
import { CellChart } from "./cell-chart.tsx";
import { Mark } from "./mark.tsx";
import { Sparkline } from "./sparkline.tsx";

export interface BalancerTableProps {
  readonly source: SourceStatus;
  readonly rows: Iterable<BalancerRow>;
  /** The time that their counts are of. */
  readonly window: Window;
  /** Open sessions by rowKey, step by step. */
  readonly sessionsOf: (key: string) => readonly (number | null)[];
  /** Over a range: the share of the time that a row served, by rowKey. */
  readonly upRatios?: ReadonlyMap<string, number> | undefined;
  /** Servers and listeners as well. */
  readonly isDetailed: boolean;
}

interface Selected {
  readonly key: string;
  readonly cell: CellName;
}

/** Every proxy with its frontend, servers and backend. A cell opens the history behind it. */
export function BalancerTable(props: BalancerTableProps): JSX.Element {
  const selected = useSignal<Selected | undefined>(undefined);
  return (
    <div class={props.isDetailed ? "balancer detailed" : "balancer"}>
      <table>
        <thead>
          <tr>
            <th scope="col">Proxy</th>
            <th scope="col">State</th>
            {cells.map(({ name, title, help }) => (
              <th key={name} scope="col" class="number" title={help}>
                {title}
              </th>
            ))}
          </tr>
        </thead>
        {listProxies(props.rows).map((proxy) => (
          <ProxyRows key={proxy.name} proxy={proxy} selected={selected} {...props} />
        ))}
      </table>
    </div>
  );
}

type RowProps = BalancerTableProps & {
  readonly proxy: Proxy;
  readonly selected: Signal<Selected | undefined>;
};

function ProxyRows(props: RowProps): JSX.Element {
  const { proxy, isDetailed } = props;
  const isShown = ({ kind }: BalancerRow): boolean =>
    isDetailed || kind === "frontend" || kind === "backend";
  return (
    <tbody>
      {isDetailed && (
        <tr class="proxy">
          <th scope="rowgroup" colSpan={cells.length + 2}>
            {proxy.name}
            <ServersUp proxy={proxy} />
          </th>
        </tr>
      )}
      {proxy.rows.filter(isShown).map((row) => (
        <Row key={rowKey(toLabels(row))} row={row} {...props} />
      ))}
    </tbody>
  );
}

function ServersUp({ proxy: { servers, serversUp, rows } }: { readonly proxy: Proxy }) {
  if (servers === 0 || rows.every(({ state }) => state === "")) {
    return null;
  }
  return (
    <span class={serversUp === servers ? "muted" : "warn"}>
      {" "}
      {serversUp} of {servers} servers up
    </span>
  );
}

function Row({ row, ...props }: RowProps & { readonly row: BalancerRow }): JSX.Element {
  const { source, proxy, selected, isDetailed, upRatios } = props;
  const key = rowKey(toLabels(row));
  const open =
    selected.value?.key === key
      ? cells.find(({ name }) => name === selected.value?.cell)
      : undefined;
  return (
    <Fragment>
      <tr class={row.kind}>
        <th scope="row">
          {isDetailed ? row.server || row.kind : row.proxy}
          {!isDetailed && <span class="muted kind"> {row.kind}</span>}
          {!isDetailed && row.kind === "backend" && <ServersUp proxy={proxy} />}
        </th>
        <td>
          <State row={row} upRatio={upRatios?.get(key)} />
        </td>
        {cells.map((cell) => (
          <CellView key={cell.name} cell={cell} row={row} rowId={key} {...props} />
        ))}
      </tr>
      {open !== undefined && (
        <tr class="cell-chart">
          <td colSpan={cells.length + 2}>
            <CellChart key={open.name} source={source} cell={open} row={row} />
          </td>
        </tr>
      )}
    </Fragment>
  );
}

function State({
  row: { state, check },
  upRatio,
}: {
  readonly row: BalancerRow;
  readonly upRatio: number | undefined;
}): JSX.Element {
  if (state === "") {
    return (
      <span class={upRatio === undefined || upRatio === 1 ? "muted" : "bad"}>
        {upText(upRatio)}
      </span>
    );
  }
  return (
    <>
      <Mark tone={toTone(state)} word={state.replaceAll("_", " ")} />
      {check !== "" && <span class="muted check"> {check}</span>}
    </>
  );
}

function upText(upRatio: number | undefined): string {
  return upRatio === undefined ? "" : `${formatRatio(upRatio)} up`;
}

/** From here on a limit is near. */
const nearRatio = 0.8;

function CellView({
  cell,
  row,
  rowId,
  proxy,
  window,
  sessionsOf,
  selected,
}: RowProps & {
  readonly cell: Cell;
  readonly row: BalancerRow;
  readonly rowId: string;
}): JSX.Element {
  const backend = proxy.rows.find(({ kind }) => kind === "backend");
  const value = readCell(cell, row, { window, backend });
  if (value === null) {
    return <td />;
  }
  const fill = fillRatio(cell, row);
  const isOpen = selected.value?.key === rowId && selected.value.cell === cell.name;
  const isBad = (cell.name === "serverErrors" || cell.name === "errors") && value > 0;
  return (
    <td class="number">
      {fill !== undefined && (
        <i
          class={fill >= nearRatio && row.kind !== "backend" ? "fill near" : "fill"}
          style={{ inlineSize: `${100 * fill}%` }}
        />
      )}
      {cell.name === "sessions" && <Sparkline values={sessionsOf(rowId)} />}
      <button
        type="button"
        aria-expanded={isOpen}
        class={isBad ? "bad" : value === 0 ? "muted" : ""}
        title={toTitle(cell, row, fill)}
        onClick={() => {
          selected.value = isOpen ? undefined : { key: rowId, cell: cell.name };
        }}
      >
        {cell.format(value)}
      </button>
    </td>
  );
}

/** "3 of 200: show the history" */
function toTitle(cell: Cell, row: BalancerRow, fill: number | undefined): string {
  const limit = row.limits.get(cell.name) ?? null;
  return fill === undefined
    ? "Show the history"
    : `${formatRatio(fill)} of ${cell.format(limit)}: show the history`;
}

function toLabels({ proxy, kind, server }: BalancerRow) {
  return { proxy, kind, server };
}
