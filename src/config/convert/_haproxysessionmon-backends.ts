import type { Report } from "./_report.ts";
import { isRecord, toInteger, toText } from "./_python-values.ts";

export interface Name {
  /** In the old file. */
  readonly name: string;
  /** In ours. */
  readonly id: string;
}

export interface OldBackend {
  readonly id: string;
  readonly output: Record<string, unknown>;
  /** Set for log files: adds a balancer's address to its column. */
  readonly addEndpoint?: (sourceId: string, endpoint: string) => void;
}

/** Undefined when it was refused. */
export function convertBackend(
  name: Name,
  backend: unknown,
  report: Report,
): OldBackend | undefined {
  const path = ["backends", name.name];
  if (!isRecord(backend)) {
    report.refuse(path, "has to be a mapping");
    return undefined;
  }
  switch (backend["type"]) {
    case "gelf":
      return convertGelf(name, backend, report);
    case "logfile":
      return convertLogFile(name, backend, report);
    case "prtg":
      return convertPrtg(name, backend, report);
    default:
      report.refuse([...path, "type"], "has to be gelf, logfile or prtg");
      return undefined;
  }
}

type Fields = Readonly<Record<string, unknown>>;

function requireFields({ name }: Name, backend: Fields, fields: string[], report: Report): boolean {
  const missing = fields.filter((field) => !Object.hasOwn(backend, field));
  for (const field of missing) {
    report.refuse(["backends", name, field], "is missing");
  }
  return missing.length === 0;
}

const gelfPort = 12_201;

function convertGelf(name: Name, backend: Fields, report: Report): OldBackend | undefined {
  if (!requireFields(name, backend, ["host", "port", "facility"], report)) {
    return undefined;
  }
  const written = toInteger(backend["port"]);
  if (written === undefined) {
    report.refuse(["backends", name.name, "port"], "has to be a number");
    return undefined;
  }
  const at = ["outputs", name.id];
  const isPort = written >= 1 && written <= 65_535;
  if (!isPort) {
    report.remark(
      [...at, "port"],
      `It was ${written}, which no receiver can have; is it this one?`,
    );
  }
  const host = toText(backend["host"]);
  if (host === "") {
    report.remark([...at, "host"], "It was empty, which meant this machine.");
  }
  return {
    id: name.id,
    output: {
      kind: "gelf",
      host: host === "" ? "localhost" : host,
      port: isPort ? written : gelfPort,
      facility: toText(backend["facility"]),
    },
  };
}

function convertLogFile(name: Name, backend: Fields, report: Report): OldBackend | undefined {
  if (!requireFields(name, backend, ["path"], report)) {
    return undefined;
  }
  const at = ["outputs", name.id, "path"];
  const [path, filename] = [toText(backend["path"]), toText(backend["filename"] ?? "")];
  if (filename !== "" && filename !== path) {
    report.remark(
      at,
      `The old file also had path: ${path}; it was the filename that was written to.`,
    );
  }
  const chosen = filename === "" ? path : filename;
  if (chosen === "") {
    report.remark(at, "The old file named none.");
  }
  const endpoints: Record<string, string> = {};
  return {
    id: name.id,
    output: {
      kind: "log-file",
      path: chosen === "" ? "haproxysessionmon-metrics.log" : chosen,
      format: "haproxysessionmon",
      endpoints,
    },
    addEndpoint: (sourceId, endpoint) => {
      endpoints[sourceId] = endpoint;
    },
  };
}

/** Where PRTG's sensors of the type HTTP Push Data Advanced listen, unless told otherwise. */
const pushPorts: Readonly<Record<string, number>> = { "http:": 5050, "https:": 5051 };

function convertPrtg(name: Name, backend: Fields, report: Report): OldBackend | undefined {
  if (!requireFields(name, backend, ["base-url"], report)) {
    return undefined;
  }
  const base = URL.parse(toText(backend["base-url"]));
  const port = base === null ? undefined : pushPorts[base.protocol];
  const at = ["outputs", name.id];
  const given = ["base-url", "gid", "key"].filter((field) => Object.hasOwn(backend, field));
  report.remark(
    at,
    `${given.join(", ")} belonged to PRTG's Mini Probe API, which takes no new probes. This sends to sensors of the ` +
      "type HTTP Push Data Advanced instead: add one in PRTG for each source that lists this output, with the " +
      "identification token watchpost-ID, ID being the source's.",
  );
  if (base === null || port === undefined) {
    report.remark(
      [...at, "mode"],
      `The base-url was ${JSON.stringify(toText(backend["base-url"]))}, which is no address to send to; with pull, PRTG asks here.`,
    );
    return { id: name.id, output: { kind: "prtg", mode: "pull" } };
  }
  report.remark(
    [...at, "url"],
    "Is this the host and the port of the probe that has these sensors?",
  );
  const url = `${base.protocol}//${base.hostname}:${port}`;
  return { id: name.id, output: { kind: "prtg", url } };
}
