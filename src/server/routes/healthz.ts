import { z } from "zod";
import { defineRoute } from "../route.ts";

export const healthz = defineRoute({
  kind: "json",
  path: "/healthz",
  summary: "Answers 200 while the process serves requests.",
  query: z.strictObject({}),
  reply: z.object({ status: z.literal("ok") }),
  isPublic: true,
  handle: async () => ({ status: "ok" as const }),
});
