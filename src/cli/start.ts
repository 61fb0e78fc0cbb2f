/** `deno task start`: serve until interrupted, telling the terminal what happens. */
import { type App, startApp } from "../app.ts";
import type { Config } from "../config_schema.ts";
import { SERVER_VERSION } from "../protocol/version.ts";
import { modelNews, offerBetterModels, standardQuestion } from "./better_models.ts";
import { standardScreen, Terminal } from "./terminal.ts";

/** Runs the server until the process is asked to end. */
export async function start(config: Config): Promise<number> {
  const terminal = new Terminal(standardScreen());
  await using app = await startShown(config, terminal);
  terminal.line(
    config.continuous
      ? "Listening: just speak."
      : "Waiting for a client to start listening; `deno task talk` listens at once.",
  );
  terminal.line("Ctrl+C ends.\n");
  offerBetterModels(app, config, { terminal, question: standardQuestion() });
  if (config.continuous) app.local.conversation.startListening("continuous");
  await interrupted();
  terminal.end();
  return 0;
}

/** Starts the app and shows what it is made of, and from then on everything that happens in its local session. */
export async function startShown(config: Config, terminal: Terminal): Promise<App> {
  terminal.line(`Parley ${SERVER_VERSION}`);
  const app = await startApp(config, {
    onFact: (fact) => terminal.show(fact),
    onModelEvent: modelNews(terminal),
  });
  const { audio, models: { engines }, url, loadMs } = app;
  terminal.line(
    `  models      ${Object.values(engines.names).join(" · ")}, ready after ${(loadMs / 1000).toFixed(1)} s`,
  );
  terminal.line(`  audio       ${audio.description}`);
  terminal.line(`  dashboard   ${url.replace("ws:", "http:").replace(/ws$/, "")}`);
  terminal.line(`  clients     ${url}`);
  return app;
}

/** Resolves when the process is asked to end. */
export function interrupted(): Promise<void> {
  const { promise, resolve } = Promise.withResolvers<void>();
  const signals: Deno.Signal[] = Deno.build.os === "windows" ? ["SIGINT"] : ["SIGINT", "SIGTERM"];
  for (const signal of signals) Deno.addSignalListener(signal, resolve);
  return promise.finally(() => {
    for (const signal of signals) Deno.removeSignalListener(signal, resolve);
  });
}
