// The limits of the log, from the options.

import type { Limits } from "../log/batch.ts";
import type { ServerConfig } from "./options.ts";

export function limitsOf(config: ServerConfig): Limits {
  return {
    waitingMessages: config.maxWaitingMessages,
    waitingBytes: config.maxWaitingBytes,
    unseenNames: config.maxUnseenNames,
    rooms: config.maxRooms,
    joinedRooms: config.maxJoinedRooms,
    roomMembers: config.maxRoomMembers,
    accountsOnly: config.openNames === "off",
  };
}
