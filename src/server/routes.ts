import type { Route } from "./route.ts";
import { healthz } from "./routes/healthz.ts";
import { incidents } from "./routes/incidents.ts";
import { live } from "./routes/live.ts";
import { readyz } from "./routes/readyz.ts";
import { sources } from "./routes/sources.ts";

/** Every route, in alphabetical order of its file. The tidy test fails when one is missing. */
export const routes: readonly Route[] = [healthz, incidents, live, readyz, sources];
