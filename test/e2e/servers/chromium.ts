import { chromium, type Page } from "playwright-core";
import { requireProgram } from "../harness.ts";

export interface OpenPage extends AsyncDisposable {
  readonly page: Page;
  /** What a developer would see in red: console errors, uncaught exceptions, blocked and failed requests. */
  readonly errors: readonly string[];
}

export interface PageOptions {
  /** In CSS pixels; 1280 × 800 unless given. */
  readonly viewport?: { readonly width: number; readonly height: number };
  readonly colorScheme?: "light" | "dark";
}

/** No sandbox, because root has none; nothing that talks to the outside on its own. */
const args = [
  "--no-sandbox",
  "--disable-gpu",
  "--disable-quic",
  "--disable-background-networking",
  "--disable-component-update",
  "--disable-sync",
];

/** Opens a URL in a new Chromium of Debian's and resolves once the page has loaded. */
export async function openPage(url: string, options: PageOptions = {}): Promise<OpenPage> {
  const executablePath = requireProgram("chromium");
  const browser = await chromium.launch({ executablePath, args });
  const errors: string[] = [];
  try {
    const { viewport = { width: 1280, height: 800 }, colorScheme = "light" } = options;
    const page = await browser.newPage({ viewport, colorScheme });
    page.on("console", (message) => {
      if (message.type() === "error") {
        errors.push(message.text());
      }
    });
    page.on("pageerror", (error) => errors.push(error.message));
    await page.goto(url);
    return { page, errors, [Symbol.asyncDispose]: () => browser.close() };
  } catch (error) {
    await browser.close();
    throw error;
  }
}
