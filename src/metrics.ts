/** Counters and distributions of the whole server, in Prometheus' text. */
import { Counter, Gauge, Histogram, Registry } from "prom-client";
import type { Fact } from "../pipeline/events.ts";
import { COMMANDS } from "./protocol/commands.ts";
import type { MetricsPort, Refusal } from "./server/metrics_port.ts";
import { latenciesOf } from "./sessions/metrics.ts";

/** What is asked for when somebody looks. */
export interface MetricsSample {
  readonly clients: number;
  readonly sessions: number;
  readonly droppedEvents: number;
  readonly residentBytes: number;
  readonly eventLoopLagP99Ms: number;
  readonly uptimeMs: number;
}

/** In seconds. Below 0.3 a person notices no wait, above 2 nobody waits gladly: finest in between. */
const LATENCY_BUCKETS = [0.01, 0.025, 0.05, 0.1, 0.2, 0.3, 0.4, 0.5, 0.6, 0.8, 1, 1.5, 2, 3, 5, 10];

/** Fed by the server and its sessions. Names of metrics are stable: dashboards are built on them. */
export class Metrics implements MetricsPort {
  readonly #registry = new Registry();
  readonly #commands = this.#counter("parley_commands_total", "Commands by what became of them.", [
    "command",
    "outcome",
  ]);
  readonly #connections = this.#counter("parley_connections_total", "Connections that were accepted.", []);
  readonly #refused = this.#counter("parley_refused_connections_total", "Connections that were refused.", [
    "reason",
  ]);
  readonly #turns = this.#counter("parley_turns_total", "Turns by how they ended.", ["reason"]);
  readonly #stageErrors = this.#counter("parley_stage_errors_total", "Failures of stages.", [
    "stage",
    "code",
  ]);
  readonly #hooks = this.#counter("parley_hooks_total", "Deliveries of hooks.", ["hook", "ok"]);
  readonly #voiceToVoice = this.#latency(
    "parley_voice_to_voice_seconds",
    "From the user's last voiced sample to the first of the answer.",
    [],
  );
  readonly #stages = this.#latency("parley_stage_seconds", "What each stage of a turn took.", ["stage"]);

  /** `sample` is asked at every look. */
  constructor(sample: () => MetricsSample) {
    this.#gauge("parley_clients", "Clients connected.", () => sample().clients);
    this.#gauge("parley_sessions", "Sessions there are.", () => sample().sessions);
    this.#gauge("parley_dropped_events", "Progress left out for slow clients.", () => sample().droppedEvents);
    this.#gauge("parley_resident_memory_bytes", "Memory of the process.", () => sample().residentBytes);
    this.#gauge(
      "parley_event_loop_lag_p99_seconds",
      "How late timers are.",
      () => sample().eventLoopLagP99Ms / 1000,
    );
    this.#gauge("parley_uptime_seconds", "Since the start.", () => sample().uptimeMs / 1000);
  }

  get contentType(): string {
    return this.#registry.contentType;
  }

  text(): Promise<string> {
    return this.#registry.metrics();
  }

  command(name: string, outcome: string): void {
    // A client must not be able to make labels.
    const command = Object.hasOwn(COMMANDS, name) ? name : "unknown";
    this.#commands.inc({ command, outcome });
  }

  connection(): void {
    this.#connections.inc();
  }

  refused(reason: Refusal): void {
    this.#refused.inc({ reason });
  }

  hook(hook: string, ok: boolean): void {
    this.#hooks.inc({ hook, ok: `${ok}` });
  }

  /** Takes a fact of any session. */
  fact(fact: Fact): void {
    if (fact.type === "turn.end") this.#turns.inc({ reason: fact.reason });
    if (fact.type === "stage.error") this.#stageErrors.inc({ stage: fact.stage, code: fact.code });
    if (fact.type !== "latency.trace") return;
    const { voice_to_voice_ms, ...stages } = latenciesOf(fact.trace);
    if (voice_to_voice_ms !== undefined) this.#voiceToVoice.observe(voice_to_voice_ms / 1000);
    for (const [stage, ms] of Object.entries(stages)) {
      if (ms !== undefined) this.#stages.observe({ stage: stage.replace(/_ms$/, "") }, ms / 1000);
    }
  }

  #counter<L extends string>(name: string, help: string, labelNames: L[]): Counter<L> {
    return new Counter({ name, help, labelNames, registers: [this.#registry] });
  }

  #latency<L extends string>(name: string, help: string, labelNames: L[]): Histogram<L> {
    return new Histogram({ name, help, labelNames, buckets: LATENCY_BUCKETS, registers: [this.#registry] });
  }

  #gauge(name: string, help: string, read: () => number): void {
    new Gauge({
      name,
      help,
      registers: [this.#registry],
      collect() {
        this.set(read());
      },
    });
  }
}
