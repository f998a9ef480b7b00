// A client of a running node's HTTP API, for commands that show what it knows.
import { UserError, describeError } from "../core/errors.ts";
import { loadNodeConfig } from "./_node.ts";
import { type Given, type Terminal, textFlag } from "./command.ts";

export interface NodeAddress {
  /** "http://127.0.0.1:8080/" */
  readonly url: string;
  readonly token: string | undefined;
}

/** The node of `--url`, else of the configuration file. */
export async function findNode(given: Given, terminal: Terminal): Promise<NodeAddress> {
  const url = textFlag(given, "url");
  if (url !== undefined) {
    const token = terminal.env["WATCHPOST_TOKEN"];
    return { url: url.endsWith("/") ? url : `${url}/`, token };
  }
  const { server } = await loadNodeConfig(textFlag(given, "config") ?? "watchpost.yml", terminal);
  const { host, port } = server.listen;
  const name = host.includes(":") ? `[${host}]` : host;
  return { url: `http://${name}:${port}/`, token: server.token?.reveal() };
}

/**
 * The answer of `GET /api/v1/<resource>`; empty parameters are left out. Throws UserError with the node's own words when
 * it refuses, and with what to do when nobody answers.
 */
export async function askNode(
  { url, token }: NodeAddress,
  resource: string,
  parameters: Readonly<Record<string, string>>,
): Promise<unknown> {
  const given = Object.entries(parameters).filter(([, value]) => value !== "");
  const search = new URLSearchParams(given).toString();
  const headers = token === undefined ? {} : { authorization: `Bearer ${token}` };
  const response = await fetch(`${url}api/v1/${resource}?${search}`, { headers }).catch(
    (error: unknown) => {
      const reason = describeError(error);
      throw new UserError(
        "NODE_UNREACHABLE",
        `no node answers at ${url} (${reason}); is it running?`,
      );
    },
  );
  const answer: unknown = await response.json().catch(() => undefined);
  if (!response.ok) {
    throw new UserError(
      "REQUEST_INVALID",
      `${url} says: ${toDetail(answer) ?? response.statusText}`,
    );
  }
  return answer;
}

function toDetail(answer: unknown): string | undefined {
  return typeof answer === "object" && answer !== null && "detail" in answer
    ? String(answer.detail)
    : undefined;
}
