/** The pieces of `METHOD target PROTOCOL`, still escaped as they stand in the line. */
export interface RequestPieces {
  readonly method: string;
  /** Not empty, and perhaps `-`. */
  readonly target: string;
  /** Undefined for HTTP/0.9 and for what looks like it. */
  readonly protocol: string | undefined;
}

/**
 * Splits a request line; undefined when it is none. The method is what stands before the first
 * space: a letter, then up to 31 letters, `-` and `_` (narrower than RFC 9110, wide enough for all
 * registered ones). The protocol is the last word when it begins with `HTTP/` and goes on, and
 * another stands before it. The target is what is between, spaces inside included, around it not.
 */
export function splitRequest(line: string): RequestPieces | undefined {
  const methodEnd = line.indexOf(" ");
  const method = line.slice(0, Math.max(0, methodEnd));
  if (!/^[A-Za-z][A-Za-z_-]{0,31}$/.test(method)) {
    return undefined;
  }
  const rest = trimSpaces(line.slice(methodEnd));
  const lastSpace = rest.lastIndexOf(" ");
  const last = rest.slice(lastSpace + 1);
  const hasProtocol = lastSpace > 0 && last.startsWith("HTTP/") && last.length > "HTTP/".length;
  const target = hasProtocol ? trimSpaces(rest.slice(0, lastSpace)) : rest;
  return target === "" ? undefined : { method, target, protocol: hasProtocol ? last : undefined };
}

/** Spaces alone, not tabs and other blanks. */
function trimSpaces(text: string): string {
  return text.replace(/^ +/, "").replace(/ +$/, "");
}

/** A target from its path on, and what an absolute one said in front. */
export interface TargetPieces {
  readonly target: string;
  readonly scheme: string | undefined;
  readonly host: string | undefined;
}

/**
 * `http://host/path?query` → `/path?query`, as Varnish logs every request and proxies some; other
 * targets stay. Without a path it is `/`.
 */
export function splitTarget(target: string): TargetPieces {
  const [, scheme, host, rest = ""] = /^(https?):\/\/([^/?#*]*)(.*)$/is.exec(target) ?? [];
  if (scheme === undefined) {
    return { target, scheme: undefined, host: undefined };
  }
  return {
    target: rest.startsWith("/") || rest === "*" ? rest : `/${rest}`,
    scheme: scheme.toLowerCase(),
    host: host === "" ? undefined : host,
  };
}
