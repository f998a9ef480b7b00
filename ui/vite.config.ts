import { defineConfig } from "vite";

// Vite accepts the configuration only as a default export.
// oxlint-disable-next-line import/no-default-export
export default defineConfig({
  // Relative addresses: the page also works below a path of a reverse proxy.
  base: "./",
  build: { outDir: "../dist/ui", emptyOutDir: true, target: "es2023", modulePreload: false },
  server: { proxy: { "/api": "http://127.0.0.1:8080" } },
});
