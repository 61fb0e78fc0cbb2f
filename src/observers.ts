/** Those who look at every session from outside and never keep one waiting: metrics and hooks. */
import { systemClock } from "../pipeline/clock.ts";
import type { Fact } from "../pipeline/events.ts";
import type { Config } from "./config_schema.ts";
import { type HookedEvent, Hooks } from "./hooks/hooks.ts";
import { Metrics, type MetricsSample } from "./metrics.ts";
import type { SessionRegistry } from "./sessions/registry.ts";

/** What observers are made with. */
export interface ObserversOptions {
  readonly config: Config;
  readonly environment: Readonly<Record<string, string>>;
  readonly sample: () => MetricsSample;
  /** Where the sessions are that hooks tell of what they did. */
  readonly sessions: () => SessionRegistry;
}

/** Disposing ends what hooks have under way. */
export interface Observers extends AsyncDisposable {
  readonly metrics: Metrics;
  onFact(fact: Fact): void;
  onEvent(sessionId: string, event: HookedEvent): void;
}

/** Throws `VALIDATION_ERROR` for a hook whose secret is not in the environment. */
export function openObservers({ config, environment, sample, sessions }: ObserversOptions): Observers {
  const metrics = new Metrics(sample);
  const hooks = new Hooks({
    hooks: config.hooks,
    clock: systemClock,
    environment,
    onTriggered({ sessionId, hook, event, ok, durationMs }) {
      metrics.hook(hook, ok);
      const data = { hook, event, ok, duration_ms: Math.round(durationMs) };
      sessions().get(sessionId)?.session.publish({ type: "hook_triggered", data });
    },
  });
  return {
    metrics,
    onFact: (fact) => metrics.fact(fact),
    onEvent: (sessionId, event) => hooks.notify(sessionId, event),
    [Symbol.asyncDispose]: () => hooks[Symbol.asyncDispose](),
  };
}
