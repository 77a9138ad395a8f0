// The search thread: indexes and searches beside everything else, and stops neither commits nor reads.

import type { SearchPage, SearchQuery } from "../search.ts";
import { SearchStore } from "./search-store.ts";
import { serve } from "./thread.ts";

export type SearchRequests = {
  /** Indexes a little more. @returns whether there is still more */
  step(): boolean;
  search(asked: { query: SearchQuery; head: number }): SearchPage;
};

serve(({ folder }: { readonly folder: string }): SearchRequests & { close(): void } => {
  const store = new SearchStore(folder);
  return {
    step: () => store.step(),
    search: ({ query, head }) => store.search(query, head),
    close: () => store.close(),
  };
});
