// Keeps the memory for what has just been made small. V8 lets it grow to 128 MiB as soon as much is
// made, and never takes it back; so much helps only when many peers send at once.

import { PerformanceObserver } from "node:perf_hooks";
import { getHeapSpaceStatistics, setFlagsFromString } from "node:v8";

/** What it may always have, in bytes. */
const ALWAYS = 8 * 1024 * 1024;

/** And so much more for each peer that is sending: about what is under way for it, a few times. */
const FOR_EACH_SENDER = 2 * 1024 * 1024;

/**
 * Watches over this thread's young generation from now on, without a timer: it grows when it is
 * collected, and whether it may is decided after each collection for the next.
 * @param senders how many peers are sending just now
 * @returns ends the watch
 */
export function limitYoungGeneration(senders: () => number): () => void {
  let mayGrow = true;
  const decide = (): void => {
    const may = 2 * youngBytes() <= ALWAYS + FOR_EACH_SENDER * senders();
    if (may === mayGrow) return;
    mayGrow = may;
    // The factor by which V8 grows it: read at each collection.
    setFlagsFromString(`--semi-space-growth-factor=${may ? 2 : 1}`);
  };
  decide();
  const observer = new PerformanceObserver(decide);
  observer.observe({ entryTypes: ["gc"] });
  return () => observer.disconnect();
}

/** Its size, in bytes: that of both halves. */
function youngBytes(): number {
  return (
    getHeapSpaceStatistics().find((space) => space.space_name === "new_space")?.space_size ?? 0
  );
}
