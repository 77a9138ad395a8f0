// Feeds the search index behind the commits: a little at a time, with pauses, and hardly at all while much
// is committed, so that those who talk notice nothing. Its thread runs once there is something to index,
// or somebody searches.

import { setTimeout as wait } from "node:timers/promises";
import type { Report } from "../report.ts";
import type { SearchPage, SearchQuery } from "../search.ts";
import type { SearchRequests } from "./search-thread.ts";
import { Thread } from "./thread.ts";

/** How long commits collect before they are indexed, in ms. */
const COLLECT = 1000;

/** More than this in that time is a flood, in characters: the index waits for its end. */
const FLOOD = 1024 * 1024;

/** But no longer than so many times. */
const MOST_WAITS = 60;

/** After a step there is a pause of so many times as long as it took: a sixth of one core. */
const PAUSES = 5;

/** How long somebody who searches waits for what is not indexed yet, in ms. */
const PATIENCE = 300;

export class SearchFeeder {
  readonly #folder: string;
  readonly #report: Report;
  readonly #closing = new AbortController();
  #thread: Thread<SearchRequests> | undefined;
  #working: Promise<void> | undefined;
  /** At the start it may be behind. */
  #hasMore = true;
  /** What was committed since it was looked at, in characters. */
  #committed = 0;

  constructor(folder: string, report: Report) {
    this.#folder = folder;
    this.#report = report;
  }

  /** So many characters of bodies were committed. */
  committed(characters: number): void {
    this.#hasMore = true;
    this.#committed += characters;
    if (this.#closing.signal.aborted) return;
    this.#working ??= this.#work().finally(() => (this.#working = undefined));
  }

  async search(query: SearchQuery, head: number): Promise<SearchPage> {
    const deadline = performance.now() + PATIENCE;
    while (this.#hasMore && performance.now() < deadline) await this.#step();
    return this.#running().call("search", { query, head });
  }

  async close(): Promise<void> {
    this.#closing.abort();
    await this.#working;
    await this.#thread?.close();
  }

  #running(): Thread<SearchRequests> {
    return (this.#thread ??= new Thread("search-thread", import.meta.url, {
      folder: this.#folder,
    }));
  }

  async #work(): Promise<void> {
    try {
      await this.#calm();
      while (this.#hasMore && !this.#closing.signal.aborted) {
        const begin = performance.now();
        await this.#step();
        await this.#pause((performance.now() - begin) * PAUSES);
        if (this.#committed > FLOOD) await this.#calm();
      }
    } catch (error) {
      this.#report("search", `the search index could not be written: ${(error as Error).message}`);
    }
  }

  /** What is committed meanwhile may be in it or not. */
  async #step(): Promise<void> {
    this.#hasMore = false;
    const more = await this.#running().call("step", undefined);
    this.#hasMore ||= more;
  }

  /** Waits for the end of a flood, not for ever. */
  async #calm(): Promise<void> {
    for (let waits = 0; waits < MOST_WAITS; waits++) {
      this.#committed = 0;
      await this.#pause(COLLECT);
      if (this.#committed <= FLOOD || this.#closing.signal.aborted) return;
    }
  }

  async #pause(ms: number): Promise<void> {
    await wait(ms, undefined, { ref: false, signal: this.#closing.signal }).catch(() => {});
  }
}
