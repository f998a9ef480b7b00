// An access-log source of the configuration, as far as a report follows it.

import path from "node:path";
import type { z } from "zod";
import type { FormatOptions } from "../access-log/format/format-result.ts";
import type { ScanRequest } from "../access-log/report/scan-request.ts";
import { toScanSettings } from "../access-log/to-scan-settings.ts";
import { UserError } from "../core/errors.ts";
import type { NodeConfig } from "../engine/parts.ts";
import { accessLog } from "../sources/access-log.ts";
import { loadNodeConfig } from "./_node.ts";
import type { Terminal } from "./command.ts";

export interface ReportSource {
  readonly id: string;
  /** Its own files, when no others are named. */
  readonly paths: readonly string[];
  readonly format: string;
  readonly formatOptions: FormatOptions;
  readonly spec: Omit<ScanRequest["spec"], "windowMs">;
}

/** `id` undefined: the only access-log source that there is. Throws UserError. */
export async function loadReportSource(
  file: string,
  id: string | undefined,
  terminal: Terminal,
): Promise<ReportSource> {
  const config = await loadNodeConfig(file, terminal, "leave");
  const chosen = chooseSource(config, id);
  const written = config.written.sources.get(chosen);
  const own = Object.entries(Object(written)).filter(([name]) => name in accessLog.options.shape);
  return toReportSource(chosen, config.folder, accessLog.options.parse(Object.fromEntries(own)));
}

function chooseSource({ file, sources }: NodeConfig, id: string | undefined): string {
  const ids = [...sources.values()]
    .filter(({ kind }) => kind === accessLog.name)
    .map((source) => source.id);
  const [first] = ids;
  if (id !== undefined) {
    if (!ids.includes(id)) {
      throw new UserError("NOT_FOUND", `${file} has no access-log source ${id}; ${toList(ids)}`);
    }
    return id;
  }
  if (first === undefined || ids.length > 1) {
    throw new UserError("USAGE", `${file}: name a source by --source; ${toList(ids)}`);
  }
  return first;
}

function toList(ids: readonly string[]): string {
  return ids.length === 0 ? "it has none" : `it has ${ids.join(", ")}`;
}

function toReportSource(
  id: string,
  folder: string,
  options: z.output<typeof accessLog.options>,
): ReportSource {
  // Without rules of its own, a report says more by templates than by one `(ungrouped)`.
  const templates = options.templates ?? options.groups.length === 0;
  return {
    id,
    paths: options.files.map((file) => path.resolve(folder, file)),
    format: options.format,
    formatOptions: { durationUnit: options.durationUnit },
    spec: toScanSettings(options, templates),
  };
}
