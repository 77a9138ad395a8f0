// Feeds the search index behind the commits: a little at a time, with pauses, so that those who talk
// notice nothing. Its thread runs once there is something to index, or somebody searches.

import type { Report } from "../report.ts";
import type { SearchPage, SearchQuery } from "../search.ts";
import type { SearchRequests } from "./search-thread.ts";
import { Thread } from "./thread.ts";

/** How long commits collect before they are indexed, in ms. */
const COLLECT = 1000;

/** After a step there is a pause of so many times as long as it took: a sixth of one core. */
const PAUSES = 5;

/** How long somebody who searches waits for what is not indexed yet, in ms. */
const PATIENCE = 300;

export class SearchFeeder {
  readonly #folder: string;
  readonly #report: Report;
  #thread: Thread<SearchRequests> | undefined;
  #timer: ReturnType<typeof setTimeout> | undefined;
  #working: Promise<void> | undefined;
  /** At the start it may be behind. */
  #hasMore = true;
  #isClosed = false;

  constructor(folder: string, report: Report) {
    this.#folder = folder;
    this.#report = report;
  }

  /** Something was committed. */
  committed(): void {
    this.#hasMore = true;
    if (this.#timer !== undefined || this.#working !== undefined || this.#isClosed) return;
    this.#timer = setTimeout(() => this.#start(), COLLECT).unref();
  }

  async search(query: SearchQuery, head: number): Promise<SearchPage> {
    const deadline = performance.now() + PATIENCE;
    while (this.#hasMore && performance.now() < deadline && !this.#isClosed) {
      this.#hasMore = await this.#running().call("step", undefined);
    }
    return this.#running().call("search", { query, head });
  }

  async close(): Promise<void> {
    this.#isClosed = true;
    clearTimeout(this.#timer);
    await this.#working;
    await this.#thread?.close();
  }

  #running(): Thread<SearchRequests> {
    return (this.#thread ??= new Thread("search-thread", import.meta.url, {
      folder: this.#folder,
    }));
  }

  #start(): void {
    this.#timer = undefined;
    this.#working = this.#work().finally(() => (this.#working = undefined));
  }

  async #work(): Promise<void> {
    try {
      while (this.#hasMore && !this.#isClosed) {
        this.#hasMore = false;
        const begin = performance.now();
        const more = await this.#running().call("step", undefined);
        this.#hasMore ||= more;
        await this.#pause((performance.now() - begin) * PAUSES);
      }
    } catch (error) {
      this.#report("search", `the search index could not be written: ${(error as Error).message}`);
    }
  }

  async #pause(ms: number): Promise<void> {
    if (this.#isClosed) return;
    await new Promise<void>((resolve) => setTimeout(resolve, ms).unref());
  }
}
