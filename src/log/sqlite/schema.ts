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
];
