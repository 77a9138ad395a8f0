// What is known of who is connected, for what goes beside the log.

import type { Blocked } from "./blocked.ts";
import type { ConnectedNames } from "./connected-names.ts";
import type { People } from "./people.ts";
import type { Rooms } from "./rooms.ts";

export interface Connected {
  readonly names: ConnectedNames;
  readonly rooms: Rooms;
  readonly people: People;
  readonly blocked: Blocked;
}
