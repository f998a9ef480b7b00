import { toDurationText } from "../../core/units.ts";
import type { Name, OldBackend } from "./_haproxysessionmon-backends.ts";
import type { Report } from "./_report.ts";
import { isRecord, isTruthy, toFloat, toText } from "./_python-values.ts";

interface Surroundings {
  readonly report: Report;
  /** By their old names, those that could be converted. */
  readonly outputs: ReadonlyMap<string, OldBackend>;
  /** By their old names, all of them. */
  readonly known: ReadonlyMap<string, unknown>;
}

type Fields = Readonly<Record<string, unknown>>;

/** Undefined when it was refused, or cannot be a source at all. */
export function convertServer(
  name: Name,
  server: unknown,
  around: Surroundings,
): Record<string, unknown> | undefined {
  const { report } = around;
  const path = ["servers", name.name];
  if (!isRecord(server)) {
    report.refuse(path, "has to be a mapping");
    return undefined;
  }
  for (const field of ["endpoint", "backends"].filter((key) => !Object.hasOwn(server, key))) {
    report.refuse([...path, field], "is missing");
  }
  const every = convertInterval(name, server, report);
  const outputs = convertOutputs(name, server, around);
  const endpoint = convertEndpoint(name, server, report);
  if (endpoint === undefined) {
    return undefined;
  }
  for (const output of outputs) {
    output.addEndpoint?.(name.id, endpoint.url);
  }
  return {
    kind: "haproxy",
    url: endpoint.url,
    ...convertCredentials(name, server, { report, inUrl: endpoint }),
    every,
    outputs: outputs.map(({ id }) => id),
  };
}

function convertOutputs(
  { name }: Name,
  server: Fields,
  { report, outputs, known }: Surroundings,
): readonly OldBackend[] {
  const list: unknown = server["backends"] ?? [];
  if (!Array.isArray(list)) {
    report.refuse(["servers", name, "backends"], "has to be a list of ids below `backends`");
    return [];
  }
  const found = new Set<OldBackend>();
  for (const [index, item] of list.entries()) {
    const backend = toText(item);
    const output = outputs.get(backend);
    if (!known.has(backend)) {
      const message = `names ${JSON.stringify(backend)}, which is not below \`backends\``;
      report.refuse(["servers", name, "backends", index], message);
    } else if (output !== undefined) {
      found.add(output);
    }
  }
  return [...found];
}

const [everyMinMs, everyMaxMs] = [100, 7 * 86_400_000];

function convertInterval({ name, id }: Name, server: Fields, report: Report): string {
  const seconds = toFloat(server["update-interval"] ?? 10);
  if (seconds === undefined) {
    report.refuse(["servers", name, "update-interval"], "has to be a number of seconds");
    return "10s";
  }
  const ms = Math.round(seconds * 1_000);
  if (ms >= everyMinMs && ms <= everyMaxMs) {
    return toDurationText(ms);
  }
  report.remark(["sources", id, "every"], `It was ${seconds} seconds, which cannot be kept to.`);
  return "10s";
}

interface Endpoint {
  readonly url: string;
  readonly username: string;
  readonly password: string;
}

function convertEndpoint({ name, id }: Name, server: Fields, report: Report): Endpoint | undefined {
  const written = toText(server["endpoint"]);
  const url = URL.parse(/^https?:/i.test(written) ? written : `http://${written}`);
  if (url === null || url.hostname === "") {
    if (Object.hasOwn(server, "endpoint")) {
      const text = `The server ${JSON.stringify(name)} is left out: its endpoint ${JSON.stringify(written)} is no address.`;
      report.remark(["sources"], text);
    }
    return undefined;
  }
  const { username, password } = url;
  [url.username, url.password] = ["", ""];
  const at = ["sources", id, "url"];
  if (!/^https?:/i.test(written)) {
    report.remark(at, `It was ${JSON.stringify(written)}, without http:// or https://.`);
  }
  if (!written.includes(";csv")) {
    report.remark(
      at,
      "It does not end in ;csv, without which HAProxy answers with a page instead of CSV.",
    );
  }
  // As it was written, where that is possible: a parser's spelling of it helps nobody.
  const isKept =
    URL.canParse(written) && /^https?:/i.test(written) && username === "" && password === "";
  return {
    url: isKept ? written : url.href,
    username: toPlain(username),
    password,
  };
}

/** As it is when it is no good escape. */
function toPlain(escaped: string): string {
  try {
    return decodeURIComponent(escaped);
  } catch {
    return escaped;
  }
}

function convertCredentials(
  { name, id }: Name,
  server: Fields,
  { report, inUrl }: { readonly report: Report; readonly inUrl: Endpoint },
): Record<string, unknown> {
  const isGiven = isTruthy(server["username"]);
  const hasPassword = isTruthy(server["password"]);
  if (isGiven && !hasPassword) {
    report.refuse(["servers", name, "password"], "is missing, but there is a username");
    return {};
  }
  const username = isGiven ? toText(server["username"]) : inUrl.username;
  const at = ["sources", id];
  if (username === "") {
    if (hasPassword) {
      report.remark(at, "Its password is left out: without a username it was never used.");
    }
    return {};
  }
  const env = `${id
    .toUpperCase()
    .replaceAll(/[^A-Z0-9]/g, "_")
    .replace(/^(?=\d)/, "LB_")}_PASSWORD`;
  const line = report.lineOf(["servers", name, isGiven ? "password" : "endpoint"]);
  report.remark(
    [...at, "password"],
    `Set the environment variable to what stands in line ${line} of the old file.`,
  );
  return { username, password: { env } };
}
