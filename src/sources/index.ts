// The list of sources, by name. A file in this folder that is missing here fails
// test/contracts/sources.test.ts.
import type { Source } from "../core/component.ts";
import { accessLog } from "./access-log.ts";
import { haproxy } from "./haproxy.ts";
import { http } from "./http.ts";

export const sources: readonly Source[] = [accessLog, haproxy, http];
