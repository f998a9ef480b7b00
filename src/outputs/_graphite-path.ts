// Names of series as Graphite files them: nodes of letters, digits, `_` and `-`, with dots in between, each a folder
// (graphite.readthedocs.io/en/latest/feeding-carbon.html), or with tags (…/tags.html). StatsD takes the same.
import { z } from "zod";
import type { Batch } from "../core/batch.ts";
import { toLegalText } from "./_legal-text.ts";
import type { Point } from "./_points.ts";
import { toSeriesTags } from "./_series-tags.ts";

type Origin = Pick<Batch, "source" | "service">;
type Series = Pick<Point, "name" | "labels" | "part">;

const illegalInNode = /[^A-Za-z0-9_-]/g;

const needed = ["{source}", "{metric}", "{labels}"] as const;

/** The option of that name. What is left out of a path would make two series one. */
export const pathTemplate = z
  .string()
  .regex(
    /^(?:[A-Za-z0-9_-]+|\{(?:source|service|metric|labels)\})(?:\.(?:[A-Za-z0-9_-]+|\{(?:source|service|metric|labels)\}))*$/,
    "is not a path; write nodes with dots in between, each a word, {source}, {service}, {metric} or {labels}",
  )
  .refine(
    (template) => needed.every((part) => template.split(".").includes(part)),
    "leaves something out, so that series would overwrite each other; name {source}, {metric} and {labels}",
  )
  .default("watchpost.{source}.{metric}.{labels}")
  .describe(
    "Path of a series. `{labels}` stands for two nodes for each label, its name and its value, such as " +
      "`status.200`; a number of a distribution has one more node behind all, such as `p99`.",
  );

/** `watchpost.shop.http_requests_total.group.api.status.200` */
export function toGraphitePath(template: string, origin: Origin, point: Series): string {
  const nodes = template.split(".").flatMap((part) => {
    switch (part) {
      case "{source}":
        return toNode(origin.source);
      case "{service}":
        return origin.service === "" ? "-" : toNode(origin.service);
      case "{metric}":
        return toNode(point.name);
      case "{labels}":
        return toLabelNodes(point);
      default:
        return part;
    }
  });
  return [...nodes, point.part].filter((node) => node !== "").join(".");
}

function toLabelNodes({ labels }: Series): readonly string[] {
  return Object.entries(labels)
    .filter(([, value]) => value !== "")
    .toSorted(([a], [b]) => (a < b ? -1 : 1))
    .flatMap((pair) => pair.map(toNode));
}

function toNode(text: string): string {
  return toLegalText(text, illegalInNode);
}

const tagRules = {
  toName: toNode,
  // Of values, only `;`, a leading `~` and white space, at which the line is cut, are forbidden.
  toValue: (value: string) => toLegalText(value, /[;\s\p{Cc}]|^~/gu, 200),
  reserved: ["name"],
};

/** `http_requests_total;group=api;source=shop;status=200` */
export function toGraphiteTags(origin: Origin, point: Series): string {
  const name = [toNode(point.name), point.part].filter((node) => node !== "").join(".");
  const tags = toSeriesTags(origin, point.labels, tagRules);
  return [name, ...tags.map(([tag, value]) => `${tag}=${value}`)].join(";");
}
