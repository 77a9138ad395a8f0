// Whether the server is ready, and where its figures are: what the pages about it are made from.

import type { MetricSources } from "./metrics.ts";

export class Health {
  #phase: "starting" | "ready" | "stopping" = "starting";
  #broker: { readonly unavailable: string | undefined } | undefined;
  #sources: MetricSources | undefined;

  /** Undefined while there is nothing to count yet. */
  get sources(): MetricSources | undefined {
    return this.#sources;
  }

  /** Why it is not ready; undefined when it is. */
  get notReady(): string | undefined {
    if (this.#phase !== "ready") return this.#phase;
    const reason = this.#broker?.unavailable;
    return reason === undefined ? undefined : `the log cannot be written (${reason})`;
  }

  watch(broker: { readonly unavailable: string | undefined }, sources: MetricSources): void {
    this.#broker = broker;
    this.#sources = sources;
  }

  isReady(ready: boolean): void {
    this.#phase = ready ? "ready" : "stopping";
  }
}
