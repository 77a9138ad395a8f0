import { parseRecipient } from "../../../src/protocol/room.ts";

/** Whether a text is a name or a room, as one may be typed or stand in a link. */
export function isRecipient(text: string): boolean {
  try {
    parseRecipient(text);
    return true;
  } catch {
    return false;
  }
}
