/** `deno task talk`: a conversation at the terminal, with keys for whoever prefers them. */
import type { App } from "../app.ts";
import type { Config } from "../config_schema.ts";
import { interrupted, startShown } from "./start.ts";
import { standardScreen, Terminal } from "./terminal.ts";

/** Listens at once; keys switch to push-to-talk, interrupt, mute and quit. */
export async function talk(config: Config): Promise<number> {
  const terminal = new Terminal(standardScreen());
  await using app = await startShown(config, terminal);
  const { conversation } = app.local;
  if (!app.audio.hasMicrophone) {
    terminal.line("There is no microphone to talk into; `deno task doctor` says what to do.");
    return 1;
  }
  conversation.startListening("continuous");
  if (Deno.stdin.isTerminal()) {
    terminal.line(
      "Just speak. Keys: space push-to-talk (again when you have finished) · c continuous · i interrupt · m mute · q quit\n",
    );
    await Promise.race([keys(app), interrupted()]);
  } else {
    terminal.line("Just speak. Ctrl+C ends.\n");
    await interrupted();
  }
  terminal.end();
  return 0;
}

/** Acts on keys until `q`, Ctrl+C or Ctrl+D. A terminal tells no key's release, so space both starts and ends. */
async function keys({ local: { conversation } }: App): Promise<void> {
  Deno.stdin.setRaw(true, { cbreak: true });
  try {
    for await (const bytes of Deno.stdin.readable) {
      for (const key of new TextDecoder().decode(bytes)) {
        if (key === "q" || key === "\x03" || key === "\x04") return;
        if (key === " ") {
          if (conversation.mode === "push_to_talk") conversation.stopListening();
          else conversation.startListening("push_to_talk");
        } else if (key === "c") conversation.startListening("continuous");
        else if (key === "i" || key === "\x1b") conversation.interrupt();
        else if (key === "m") conversation.mute(!conversation.muted);
      }
    }
  } finally {
    Deno.stdin.setRaw(false);
  }
}
