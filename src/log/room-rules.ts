// Who may do what in a room: the table of `docs/protocol.md` as a function.

import { FORBIDDEN } from "../protocol/bodies.ts";
import { ChatError } from "../protocol/errors.ts";
import type { RoomAction, Standing } from "../protocol/room.ts";

/** The longest topic and the longest reason for a kick, in characters: `text-too-long`. */
const LONGEST_TEXT = 512;

/** How somebody stands to a room that exists. */
export interface Stance {
  readonly isMember: boolean;
  readonly standing: Standing;
}

/** What decides about a request besides who asks. */
export interface RoomState {
  /** As shown. */
  readonly room: string;
  readonly isPrivate: boolean;
}

const RANK: Readonly<Record<Standing, number>> = {
  owner: 2,
  moderator: 1,
  invited: 0,
  banned: 0,
  none: 0,
};

/** Who must at least ask; actions that are not here are for every member. */
const NEEDED: Partial<Readonly<Record<RoomAction, "moderator" | "owner">>> = {
  kick: "moderator",
  ban: "moderator",
  unban: "moderator",
  private: "owner",
  public: "owner",
  moderator: "owner",
  "no-moderator": "owner",
};

/** The same for a room that does not exist and for a private one: its name reveals nothing. */
export function noSuchRoom(room: string): ChatError {
  return new ChatError("no-such-room", `there is no room ${room} that you may see`);
}

/** @throws ChatError `banned`, `not-invited` */
export function checkJoin({ room, isPrivate }: RoomState, { standing }: Stance): void {
  if (standing === "banned") throw new ChatError("banned", `you are banned from ${room}`);
  if (isPrivate && standing === "none") {
    throw new ChatError("not-invited", `${room} is private: somebody must invite you`);
  }
}

/**
 * What only members may do: to write, to see who is in it, to ask anything of it.
 * @param state undefined when there is no such room
 * @throws ChatError `no-such-room`, `banned`, `not-a-member`
 */
export function checkMember(room: string, state: RoomState | undefined, asker: Stance): void {
  if (asker.isMember) return;
  const isHidden = state?.isPrivate !== false && asker.standing !== "invited";
  if (state === undefined || isHidden) throw noSuchRoom(room);
  if (asker.standing === "banned") throw new ChatError("banned", `you are banned from ${room}`);
  throw new ChatError("not-a-member", `you are not in ${room}: /join ${room}`);
}

/**
 * What members may ask for, once they are known to be members.
 * @param other whom it concerns, when it concerns somebody
 * @throws ChatError `not-allowed`, `not-a-member`, `banned`
 */
export function checkRequest(
  action: RoomAction,
  { room, isPrivate }: RoomState,
  asker: Stance,
  other: Stance | undefined,
): void {
  const needed = action === "invite" && isPrivate ? "moderator" : NEEDED[action];
  if (needed !== undefined && RANK[asker.standing] < RANK[needed]) {
    const who = needed === "owner" ? "the owner" : "the owner and moderators";
    throw new ChatError("not-allowed", `only ${who} of ${room} may do that`);
  }
  if (other === undefined) return;
  if (action === "invite" && other.standing === "banned") {
    throw new ChatError("banned", `that name is banned from ${room}: lift the ban first`);
  }
  const isAgainst = action === "kick" || action === "ban";
  if (isAgainst && RANK[other.standing] >= RANK[asker.standing]) {
    throw new ChatError("not-allowed", `that name stands as high in ${room} as you do`);
  }
  const isForMembers = action === "kick" || action === "moderator";
  if (isForMembers && !other.isMember) {
    throw new ChatError("not-a-member", `that name is not in ${room}`);
  }
}

/**
 * A topic, or why somebody is kicked, is one line, by whichever protocol it came: those who show it
 * need not expect lines of their own in it.
 * @throws ChatError `text-too-long`, `bad-body`
 */
export function checkText(text: string): void {
  if (text.length > LONGEST_TEXT) {
    throw new ChatError("text-too-long", `that text has more than ${LONGEST_TEXT} characters`);
  }
  if (FORBIDDEN.test(text) || text.includes("\n") || !text.isWellFormed()) {
    throw new ChatError(
      "bad-body",
      "that text must be one line, without control characters but tabs",
    );
  }
}

/** How the one whom a request concerns stands after it. */
export function standingAfter(action: RoomAction, before: Standing): Standing {
  switch (action) {
    case "invite":
      return before === "none" ? "invited" : before;
    case "ban":
      return "banned";
    case "unban":
      return before === "banned" ? "none" : before;
    case "kick":
      return before === "owner" ? before : "none";
    case "moderator":
      return before === "owner" ? before : "moderator";
    case "no-moderator":
      return before === "moderator" ? "none" : before;
    case "join":
      return before === "invited" ? "none" : before;
    default:
      return before;
  }
}
