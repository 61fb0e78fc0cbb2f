/** The dashboard: a page, and what it is made of, bundled when it is first asked for. */
import { ParleyError } from "../../pipeline/errors.ts";

/** A file of the dashboard as it is sent. */
export interface Asset {
  readonly body: string;
  readonly contentType: string;
}

/** Only what this server sends runs in the page, and it connects to WebSockets alone. */
export const CONTENT_SECURITY_POLICY = [
  "default-src 'none'",
  "connect-src 'self' ws: wss:",
  "script-src 'self'",
  "style-src 'self'",
  "img-src data:",
  "base-uri 'none'",
  "form-action 'none'",
  "frame-ancestors 'none'",
].join("; ");

const FOLDER = new URL("../dashboard/", import.meta.url);
/** Names in the URL, and how each comes to be. */
const ASSETS: Readonly<Record<string, () => Promise<Asset>>> = {
  "index.html": () => read("index.html", "text/html; charset=utf-8"),
  "app.css": () => read("app.css", "text/css; charset=utf-8"),
  "main.js": () => bundle("main.tsx"),
  "capture_worklet.js": () => bundle("capture_worklet.ts"),
};

const made = new Map<string, Promise<Asset>>();

/** A file of the dashboard; undefined where there is none of that name. Made once in the life of the process. */
export function dashboardAsset(name: string): Promise<Asset> | undefined {
  const make = Object.hasOwn(ASSETS, name) ? ASSETS[name] : undefined;
  if (make && !made.has(name)) {
    const asset = make();
    made.set(name, asset);
    asset.catch(() => made.delete(name)); // Asked for again, it is tried again.
  }
  return made.get(name);
}

/** Makes everything ahead of the first visitor. What fails is told to whoever asks for it. */
export function prepareDashboard(): void {
  for (const name of Object.keys(ASSETS)) dashboardAsset(name)?.catch(() => {});
}

async function read(name: string, contentType: string): Promise<Asset> {
  return { body: await Deno.readTextFile(new URL(name, FOLDER)), contentType };
}

/** Throws `UNAVAILABLE` when the bundler cannot be run. */
async function bundle(name: string): Promise<Asset> {
  const { success, stdout } = await new Deno.Command(Deno.execPath(), {
    args: ["bundle", "--quiet", "--platform=browser", "--minify", new URL(name, FOLDER).href],
    cwd: FOLDER,
    env: { NO_COLOR: "1" },
    stderr: "null",
  }).output();
  if (success) {
    return { body: new TextDecoder().decode(stdout), contentType: "text/javascript; charset=utf-8" };
  }
  throw new ParleyError(
    "UNAVAILABLE",
    "The dashboard could not be bundled; the first time this needs the npm registry. Clients of other kinds work.",
  );
}
