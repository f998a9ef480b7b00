/** How the page is written; see the writers beside this file. */
export type ExpositionFormat = "text" | "openmetrics" | "protobuf";

export const contentTypes: Readonly<Record<ExpositionFormat, string>> = {
  text: "text/plain; version=0.0.4; charset=utf-8",
  openmetrics: "application/openmetrics-text; version=1.0.0; charset=utf-8",
  protobuf:
    "application/vnd.google.protobuf; proto=io.prometheus.client.MetricFamily; encoding=delimited",
};

/**
 * What a client's Accept header (RFC 9110, section 12.5.1) asks for: the format it gives the most weight, of equal ones
 * the one it names first. The plain text when it asks for none that we have, since every scraper reads it.
 */
export function chooseFormat(accept: string): ExpositionFormat {
  let best: { readonly format: ExpositionFormat; readonly weight: number } | undefined;
  for (const range of accept.split(",")) {
    const [type = "", ...parameters] = range.split(";").map((part) => part.trim().toLowerCase());
    const values = new Map(parameters.map((text) => toPair(text)));
    const format = formatOf(type, values);
    const weight = Number(values.get("q") ?? 1);
    if (format !== undefined && weight > (best?.weight ?? 0)) {
      best = { format, weight };
    }
  }
  return best?.format ?? "text";
}

function toPair(parameter: string): [string, string] {
  const [name = "", value = ""] = parameter.split("=", 2);
  return [name.trim(), value.trim().replace(/^"(.*)"$/, "$1")];
}

function formatOf(
  type: string,
  parameters: ReadonlyMap<string, string>,
): ExpositionFormat | undefined {
  const version = parameters.get("version");
  switch (type) {
    case "application/vnd.google.protobuf":
      return parameters.get("proto") === "io.prometheus.client.metricfamily" &&
        parameters.get("encoding") === "delimited"
        ? "protobuf"
        : undefined;
    case "application/openmetrics-text":
      return version === undefined || version === "1.0.0" ? "openmetrics" : undefined;
    case "text/plain":
      return version === undefined || version === "0.0.4" ? "text" : undefined;
    case "text/*":
    case "*/*":
      return "text";
    default:
      return undefined;
  }
}
