// The commit thread: keeps the committer away from the event loop, so that an fsync stops nobody.

import { createCommitter } from "./committer.ts";
import { serve } from "./thread.ts";

serve(createCommitter);
