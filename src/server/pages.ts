// What the server tells over HTTP about itself: whether it lives, whether it is ready, its figures.

import type { HttpPage, HttpPages } from "../listen/http.ts";
import type { HttpAnswer } from "../listen/http-answer.ts";
import type { Health } from "./health.ts";
import type { MetricSources } from "./metrics.ts";

export function createPages(health: Health): HttpPages {
  const metrics = once(async (found: MetricSources) => {
    const { createMetrics } = await import("./metrics.ts");
    return createMetrics(found);
  });
  return new Map<string, HttpPage>([
    ["/health/live", (): HttpAnswer => ({ status: 200, body: "live\n" })],
    ["/health/ready", () => readiness(health.notReady)],
    [
      "/metrics",
      async (): Promise<HttpAnswer> => {
        if (health.sources === undefined) return readiness(health.notReady);
        const { contentType, text } = await metrics(health.sources);
        return { status: 200, body: await text(), headers: { "Content-Type": contentType } };
      },
    ],
  ]);
}

function readiness(reason: string | undefined): HttpAnswer {
  if (reason === undefined) return { status: 200, body: "ready\n" };
  return { status: 503, body: `not ready: ${reason}\n` };
}

/** Makes it for the first who asks, and gives the same to all others. */
function once<A, T>(make: (argument: A) => Promise<T>): (argument: A) => Promise<T> {
  let made: Promise<T> | undefined;
  return (argument) => (made ??= make(argument));
}
