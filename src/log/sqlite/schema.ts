// The tables of the log file, as numbered migrations. `docs/data.md` explains them to the people
// whose file it is.

/** Each entry brings a file from the version of its index to the next; entries never change. */
export const MIGRATIONS: readonly string[] = [
  `
  -- One row: which log this is, up to where seqs are reserved, and up to where the blocks are in
  -- inbox and conversation_blocks, which follow a few commits behind.
  CREATE TABLE log (
    id TEXT NOT NULL,
    reserved INTEGER NOT NULL,
    indexed INTEGER NOT NULL
  ) STRICT;

  -- Everybody who ever logged in or was written to. seen: first login, in ms since 1970.
  CREATE TABLE names (
    id INTEGER PRIMARY KEY,
    key TEXT NOT NULL UNIQUE,
    shown TEXT NOT NULL,
    seen INTEGER,
    cursor INTEGER NOT NULL DEFAULT 0
  ) STRICT;
  CREATE INDEX names_unseen ON names (id) WHERE seen IS NULL;

  -- Two names, the lower id first.
  CREATE TABLE conversations (
    id INTEGER PRIMARY KEY,
    a INTEGER NOT NULL REFERENCES names,
    b INTEGER NOT NULL REFERENCES names,
    UNIQUE (a, b)
  ) STRICT;

  -- What one commit appended to one conversation. seq and last: its lowest and highest seq.
  -- sends: a JSON array of [index of its first body, first seq, step, sender's id, ms since 1970].
  -- bodies: all of them, in order, separated by U+001E.
  CREATE TABLE blocks (
    seq INTEGER PRIMARY KEY,
    last INTEGER NOT NULL,
    conversation INTEGER NOT NULL,
    at INTEGER NOT NULL,
    sends TEXT NOT NULL,
    bodies TEXT NOT NULL
  ) STRICT;

  CREATE TABLE conversation_blocks (
    conversation INTEGER NOT NULL,
    seq INTEGER NOT NULL,
    PRIMARY KEY (conversation, seq)
  ) STRICT, WITHOUT ROWID;

  -- What one commit brought to one name, its own messages included: which blocks (NULL: the one
  -- whose seq is first), and how much of it was addressed to the name.
  CREATE TABLE inbox (
    name INTEGER NOT NULL,
    first INTEGER NOT NULL,
    last INTEGER NOT NULL,
    blocks TEXT,
    count INTEGER NOT NULL,
    bytes INTEGER NOT NULL,
    PRIMARY KEY (name, first)
  ) STRICT, WITHOUT ROWID;

  -- For people: a row a message.
  CREATE VIEW messages AS
    SELECT
      json_extract(send.value, '$[1]')
        + (body.key - json_extract(send.value, '$[0]')) * json_extract(send.value, '$[2]') AS seq,
      sender.shown AS "from",
      recipient.shown AS "to",
      body.value AS body,
      json_extract(send.value, '$[4]') AS at
    FROM blocks
    JOIN conversations ON conversations.id = blocks.conversation
    JOIN json_each('["' || replace(replace(replace(replace(replace(blocks.bodies,
        '\\', '\\\\'), '"', '\\"'), char(9), '\\t'), char(10), '\\n'), char(30), '","') || '"]') AS body
    JOIN json_each(blocks.sends) AS send
      ON json_extract(send.value, '$[0]') <= body.key
      AND body.key < coalesce(json_extract(blocks.sends, '$[' || (send.key + 1) || '][0]'), body.key + 1)
    JOIN names AS sender ON sender.id = json_extract(send.value, '$[3]')
    JOIN names AS recipient ON recipient.id =
      CASE WHEN conversations.a = sender.id THEN conversations.b ELSE conversations.a END;
  `,
  `
  -- How far each client's own list of sends was taken, by the name and an id of the client's choosing.
  -- refused: a JSON array of what the client was not seen to know yet. used: ms since 1970.
  CREATE TABLE outboxes (
    name INTEGER NOT NULL,
    id TEXT NOT NULL,
    sent INTEGER NOT NULL,
    refused TEXT NOT NULL,
    used INTEGER NOT NULL,
    PRIMARY KEY (name, id)
  ) STRICT, WITHOUT ROWID;
  CREATE INDEX outboxes_used ON outboxes (used);
  `,
  `
  -- A conversation is between two names or in a room. blocks.sends has two more places for what came
  -- with a number: the outbox's id, and the number of the first body.
  DROP VIEW messages;
  CREATE TABLE rooms (
    id INTEGER PRIMARY KEY,
    key TEXT NOT NULL UNIQUE,
    shown TEXT NOT NULL,
    topic TEXT NOT NULL DEFAULT '',
    private INTEGER NOT NULL DEFAULT 0,
    -- Up to where retention has removed something of it.
    removed INTEGER NOT NULL DEFAULT 0
  ) STRICT;
  CREATE TABLE new_conversations (
    id INTEGER PRIMARY KEY,
    a INTEGER REFERENCES names,
    b INTEGER REFERENCES names,
    room INTEGER UNIQUE REFERENCES rooms,
    UNIQUE (a, b),
    CHECK ((room IS NULL) = (a IS NOT NULL) AND (a IS NULL) = (b IS NULL))
  ) STRICT;
  INSERT INTO new_conversations (id, a, b) SELECT id, a, b FROM conversations;
  DROP TABLE conversations;
  ALTER TABLE new_conversations RENAME TO conversations;

  -- When a name was in a room: the seqs of its join and of its leave or kick (NULL: it is in it).
  CREATE TABLE members (
    name INTEGER NOT NULL,
    room INTEGER NOT NULL,
    joined INTEGER NOT NULL,
    "left" INTEGER,
    PRIMARY KEY (name, room, joined)
  ) STRICT, WITHOUT ROWID;
  CREATE INDEX members_now ON members (room) WHERE "left" IS NULL;

  -- What a name may do in a room beside what every member may: owner, moderator, invited, banned.
  CREATE TABLE standings (
    name INTEGER NOT NULL,
    room INTEGER NOT NULL,
    standing TEXT NOT NULL,
    PRIMARY KEY (name, room)
  ) STRICT, WITHOUT ROWID;
  CREATE INDEX standings_of ON standings (room);

  -- Joins, leaves, kicks and topics. by: who kicked. text: the topic, or why.
  CREATE TABLE room_events (
    room INTEGER NOT NULL,
    seq INTEGER NOT NULL,
    kind TEXT NOT NULL,
    name INTEGER NOT NULL,
    by INTEGER,
    text TEXT NOT NULL,
    at INTEGER NOT NULL,
    PRIMARY KEY (room, seq)
  ) STRICT, WITHOUT ROWID;

  -- Up to where retention has removed messages from it or to it.
  ALTER TABLE names ADD COLUMN removed INTEGER NOT NULL DEFAULT 0;

  -- For people: a row a message.
  CREATE VIEW messages AS
    SELECT
      json_extract(send.value, '$[1]')
        + (body.key - json_extract(send.value, '$[0]')) * json_extract(send.value, '$[2]') AS seq,
      sender.shown AS "from",
      coalesce(rooms.shown, recipient.shown) AS "to",
      body.value AS body,
      json_extract(send.value, '$[4]') AS at
    FROM blocks
    JOIN conversations ON conversations.id = blocks.conversation
    JOIN json_each('["' || replace(replace(replace(replace(replace(blocks.bodies,
        '\\', '\\\\'), '"', '\\"'), char(9), '\\t'), char(10), '\\n'), char(30), '","') || '"]') AS body
    JOIN json_each(blocks.sends) AS send
      ON json_extract(send.value, '$[0]') <= body.key
      AND body.key < coalesce(json_extract(blocks.sends, '$[' || (send.key + 1) || '][0]'), body.key + 1)
    JOIN names AS sender ON sender.id = json_extract(send.value, '$[3]')
    LEFT JOIN rooms ON rooms.id = conversations.room
    LEFT JOIN names AS recipient ON recipient.id =
      CASE WHEN conversations.a = sender.id THEN conversations.b ELSE conversations.a END;
  `,
  `
  -- Up to where a name has read each of its conversations.
  CREATE TABLE markers (
    name INTEGER NOT NULL,
    conversation INTEGER NOT NULL,
    seq INTEGER NOT NULL,
    PRIMARY KEY (name, conversation)
  ) STRICT, WITHOUT ROWID;
  CREATE INDEX conversations_b ON conversations (b) WHERE b IS NOT NULL;

  -- Whose direct messages a name does not take. at: ms since 1970.
  CREATE TABLE blocked (
    name INTEGER NOT NULL,
    other INTEGER NOT NULL,
    at INTEGER NOT NULL,
    PRIMARY KEY (name, other)
  ) STRICT, WITHOUT ROWID;
  `,
  `
  -- Names with a password (a PHC string; '' once it is removed). Times are in ms since 1970.
  CREATE TABLE accounts (
    name INTEGER PRIMARY KEY,
    password TEXT NOT NULL,
    made INTEGER NOT NULL,
    removed INTEGER
  ) STRICT;

  -- What stands for a password: SHA-256 of a random secret. session: made at a login, without a label.
  CREATE TABLE tokens (
    hash TEXT PRIMARY KEY,
    name INTEGER NOT NULL,
    label TEXT NOT NULL,
    session INTEGER NOT NULL,
    made INTEGER NOT NULL,
    used INTEGER NOT NULL
  ) STRICT, WITHOUT ROWID;
  CREATE INDEX tokens_of ON tokens (name);

  CREATE TABLE invites (hash TEXT PRIMARY KEY, made INTEGER NOT NULL) STRICT, WITHOUT ROWID;
  `,
  `
  -- Batches that have changed accounts.
  ALTER TABLE log ADD COLUMN account_batches INTEGER NOT NULL DEFAULT 0;
  `,
  `
  -- Retention removes events in their order with the blocks.
  CREATE INDEX room_events_seq ON room_events (seq);
  `,
  `
  -- Seqs that were passed over when the log was opened again, from the first to the last.
  CREATE TABLE gaps (first INTEGER PRIMARY KEY, last INTEGER NOT NULL) STRICT;
  `,
];
