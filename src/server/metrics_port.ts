/** What the server counts, and what it shows of it. */

/** Why a connection was refused. */
export type Refusal = "origin" | "host" | "token" | "places";

/** Where it is counted. */
export interface MetricsPort {
  /** `outcome`: "ok" or the code of the error. */
  command(name: string, outcome: string): void;
  connection(): void;
  refused(reason: Refusal): void;
  readonly contentType: string;
  /** In Prometheus' text format. */
  text(): Promise<string>;
}
