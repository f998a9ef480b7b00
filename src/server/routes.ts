import type { Route } from "./route.ts";
import { healthz } from "./routes/healthz.ts";
import { heatmap } from "./routes/heatmap.ts";
import { incidents } from "./routes/incidents.ts";
import { labels } from "./routes/labels.ts";
import { live } from "./routes/live.ts";
import { openapi } from "./routes/openapi.ts";
import { outputsRepeat } from "./routes/outputs-repeat.ts";
import { outputsTest } from "./routes/outputs-test.ts";
import { query } from "./routes/query.ts";
import { readers } from "./routes/readers.ts";
import { readyz } from "./routes/readyz.ts";
import { series } from "./routes/series.ts";
import { sources } from "./routes/sources.ts";
import { tops } from "./routes/tops.ts";

/** Every route, in alphabetical order of its file. The tidy test fails when one is missing. */
export const routes: readonly Route[] = [
  healthz,
  heatmap,
  incidents,
  labels,
  live,
  openapi,
  outputsRepeat,
  outputsTest,
  query,
  readers,
  readyz,
  series,
  sources,
  tops,
];
