// The store: applies batches to the log file, deterministically, one transaction each. It runs in
// the commit thread and is the only writer.

import { Buffer } from "node:buffer";
import type { DatabaseSync, StatementSync } from "node:sqlite";
import { sliceBodies } from "../../protocol/bodies.ts";
import type { Name } from "../../protocol/name.ts";
import { isRoom } from "../../protocol/room.ts";
import type {
  Batch,
  Blocking,
  BlockingRefusal,
  Limits,
  Marker,
  Retention,
  Send,
} from "../batch.ts";
import type { Refusal } from "../commit.ts";
import type { AccountRefusal } from "../accounts.ts";
import type { RoomOutcome, RoomRequest } from "../rooms.ts";
import { AccountTable } from "./account-table.ts";
import { BlockBuilder } from "./block.ts";
import { BlockedTable } from "./blocked-table.ts";
import { ConversationTable } from "./conversation-table.ts";
import { InboxEntry } from "./inbox-entry.ts";
import { IndexBuffer } from "./index-buffer.ts";
import { MarkerTable } from "./marker-table.ts";
import { NameTable, tooManyNames } from "./name-table.ts";
import { OutboxTable } from "./outbox-table.ts";
import { Recipients, refusalOf, type Space } from "./recipients.ts";
import { RetentionSweep } from "./retention.ts";
import { RoomTable } from "./room-table.ts";
import { type Gap, SeqReservation } from "./seq-reservation.ts";

/** What became of a batch. */
export interface Outcome {
  /** The seq of the batch's first message, had it any. */
  readonly first: number;
  /** The highest seq in the log after it. */
  readonly head: number;
  readonly refused: readonly Refusal[];
  /** Of each request of the batch. */
  readonly rooms: readonly RoomOutcome[];
  /** Of each change of an account. */
  readonly accounts: readonly AccountRefusal[];
  /** Of each blocking. */
  readonly blockings: readonly BlockingRefusal[];
  /** Batches that have changed accounts, this one included. */
  readonly accountBatches: number;
  /** Reads are complete up to this seq: see `IndexBuffer`. */
  readonly indexed: number;
  /** Whether retention has more to remove than one batch may. */
  readonly moreToRemove: boolean;
}

/** The commit itself failed: whether the batch is in the file is for the one who reopens it to see. */
export class CommitError extends Error {
  /** What became of the batch if it is in the file. */
  readonly outcome: Outcome;

  constructor(outcome: Outcome, cause: unknown) {
    super((cause as Error).message, { cause });
    this.name = "CommitError";
    this.outcome = outcome;
  }
}

export class Store {
  readonly #index: IndexBuffer;
  readonly #names: NameTable;
  readonly #outboxes: OutboxTable;
  readonly #rooms: RoomTable;
  readonly #accounts: AccountTable;
  readonly #markers: MarkerTable;
  readonly #blocked: BlockedTable;
  readonly #conversations: ConversationTable;
  readonly #recipients: Recipients;
  readonly #seqs: SeqReservation;
  readonly #retention: RetentionSweep;
  readonly #begin: StatementSync;
  readonly #commit: StatementSync;
  readonly #sync: () => void;
  readonly #addBlock: StatementSync;
  readonly #findBlocks: StatementSync;
  readonly #findEvent: StatementSync;
  #head: number;

  /**
   * @param gap is passed over: numbering goes on above it, if it is above all that the file has reserved
   * @param sync makes durable what was committed, called with each batch
   * @param syncSeqs the same for reserved seqs: whatever the durability, a power cut must not take them
   */
  constructor(
    database: DatabaseSync,
    gap: Gap | undefined,
    sync: () => void,
    syncSeqs: () => void,
  ) {
    this.#sync = sync;
    this.#index = new IndexBuffer(database);
    this.#names = new NameTable(database, this.#index);
    this.#outboxes = new OutboxTable(database);
    this.#accounts = new AccountTable(database, this.#names);
    this.#markers = new MarkerTable(database);
    this.#blocked = new BlockedTable(database);
    this.#rooms = new RoomTable(database, this.#names, this.#accounts, this.#blocked);
    this.#conversations = new ConversationTable(database);
    this.#recipients = new Recipients(this.#names, this.#accounts, this.#rooms, this.#blocked);
    this.#begin = database.prepare("BEGIN IMMEDIATE");
    this.#commit = database.prepare("COMMIT");
    this.#addBlock = database.prepare(
      "INSERT INTO blocks (seq, last, conversation, at, sends, bodies) VALUES (?, ?, ?, ?, ?, ?)",
    );
    this.#findBlocks = database.prepare("SELECT 1 FROM blocks WHERE seq BETWEEN ? AND ? LIMIT 1");
    this.#findEvent = database.prepare("SELECT 1 FROM room_events WHERE seq = ? LIMIT 1");
    this.#seqs = new SeqReservation(database, gap, syncSeqs);
    this.#retention = new RetentionSweep(database);
    this.#head = this.#seqs.next - 1;
  }

  get head(): number {
    return this.#head;
  }

  /**
   * Applies a batch: durable when this returns.
   * @throws CommitError when the commit itself failed, with an unknown outcome, and the database's
   * own error when nothing of the batch is in the file. Either way the store is of no more use:
   * reopen the file.
   */
  apply(batch: Batch): Outcome {
    const first = this.#seqs.reserve(mostSeqs(batch));
    this.#begin.run();
    const refused: Refusal[] = [];
    const blocks = new Map<number, BlockBuilder>();
    const inboxes = new Map<number, InboxEntry>();
    for (const { name, at } of batch.logins) this.#names.login(name, at);
    const accounts = this.#accounts.apply(batch.accounts ?? []);
    for (const [key, cursor] of batch.cursors) this.#names.confirm(key, cursor);
    for (const { name, id, upTo, at } of batch.outboxesDone ?? []) {
      this.#outboxes.done(this.#idOf(name), id, upTo, at);
    }
    const blockings = (batch.blockings ?? []).map((one) => this.#block(one, batch.limits));
    const { requests = [] } = batch;
    const rooms: RoomOutcome[] = [];
    let seq = first;
    const applyRequests = (before: number): void => {
      for (; (requests[rooms.length]?.before ?? Infinity) <= before;) {
        const outcome = this.#rooms.apply(requests[rooms.length] as RoomRequest, seq, batch.limits);
        rooms.push(outcome);
        if (outcome.event !== undefined) seq += 1;
      }
    };
    batch.sends.forEach((send, index) => {
      applyRequests(index);
      const { accepted, refusal } = this.#take(send, batch.limits);
      if (refusal !== undefined) refused.push({ send: index, accepted, ...refusal });
      if (accepted > 0) this.#place(accept(send, accepted), seq, blocks, inboxes);
      seq += accepted * send.to.length;
    });
    applyRequests(batch.sends.length);
    for (const marker of batch.markers ?? []) this.#mark(marker);
    for (const block of blocks.values()) {
      const { first, last, conversation, at, sends, bodies } = block;
      this.#addBlock.run(first, last, conversation, at, sends, bodies);
      this.#index.addBlock(conversation, first);
    }
    for (const [name, entry] of inboxes) this.#index.addInbox(name, entry);
    this.#outboxes.write();
    if (batch.expireOutboxes !== undefined) this.#outboxes.expire(batch.expireOutboxes);
    const head = Math.max(this.#head, seq - 1);
    if (this.#index.isFull) this.#index.write(head);
    const moreToRemove = this.#remove(batch.retention, head);
    const outcome = {
      first,
      head,
      refused,
      rooms,
      accounts,
      blockings,
      accountBatches: this.#accounts.batches,
      moreToRemove,
      indexed: this.#index.indexed,
    };
    try {
      this.#commit.run();
      this.#sync();
    } catch (error) {
      throw new CommitError(outcome, error);
    }
    this.#head = outcome.head;
    this.#seqs.used(seq);
    this.#names.trim();
    this.#outboxes.trim();
    this.#rooms.trim();
    this.#blocked.trim();
    return outcome;
  }

  /** Makes reads complete up to the head. @throws the database's error: reopen the file */
  index(): number {
    if (!this.#index.isEmpty) {
      this.#begin.run();
      this.#index.write(this.#head);
      this.#commit.run();
    }
    return this.#head;
  }

  /**
   * Whether a batch whose commit failed is in the file after all: asked of the store that reopened it. Of one
   * that changes nothing when it is applied again, false is a good answer, too.
   */
  holds({ first, head, rooms, accountBatches }: Outcome, { sends, accounts = [] }: Batch): boolean {
    if (accounts.length > 0) return this.#accounts.batches >= accountBatches;
    if (this.#findBlocks.get(first, head) !== undefined) return true;
    const event = rooms.find((outcome) => outcome.event !== undefined)?.event;
    if (event !== undefined) return this.#findEvent.get(event.seq) !== undefined;
    // One that was refused whole shows in the numbers that it used up.
    return sends.some(
      ({ from, outbox }) =>
        outbox !== undefined && this.#outboxes.next(this.#idOf(from), outbox.id) > outbox.number,
    );
  }

  /** Gives the seqs back that were reserved and never used. The last call before closing. */
  close(): void {
    this.index();
    this.#seqs.release();
  }

  #remove(retention: Retention | undefined, head: number): boolean {
    if (retention === undefined) return false;
    if (!this.#index.isEmpty) this.#index.write(head);
    const { removed, more } = this.#retention.step(retention);
    if (removed && retention.unconfirmed) this.#names.forget();
    return more;
  }

  /** What of a send is accepted: nothing out of its order, and what there is room for. */
  #take(send: Send, limits: Limits): Space {
    const { outbox, count, at } = send;
    const name = this.#idOf(send.from);
    if (outbox === undefined) return this.#recipients.space(send, name, limits);
    const next = this.#outboxes.next(name, outbox.id);
    if (outbox.number !== next) {
      const text = `the next send has the number ${next}, not ${outbox.number}`;
      return { accepted: 0, refusal: { code: "out-of-order", text } };
    }
    if (!this.#outboxes.hasRoomForRefusals(name, outbox.id)) {
      const text = "too many refused sends: say first which of them are known";
      return { accepted: 0, refusal: { code: "too-many-refusals", text } };
    }
    const space = this.#recipients.space(send, name, limits);
    this.#outboxes.use(name, outbox.id, count, at);
    if (space.refusal !== undefined) {
      const { code, text } = space.refusal;
      this.#outboxes.refuse(name, outbox.id, count - space.accepted, code, text);
    }
    return space;
  }

  /** Of a conversation that there is not yet there is nothing to mark. */
  #mark({ name, with: other, seq }: Marker): void {
    const { id } = this.#names.find(name.key) ?? { id: undefined };
    if (id === undefined) return;
    const conversation = isRoom(other.key)
      ? this.#rooms.conversation(other.key)
      : this.#conversations.find(id, this.#names.find(other.key)?.id);
    if (conversation !== undefined) this.#markers.mark(id, conversation, seq);
  }

  /** Somebody who was never seen counts as one who was written to. */
  #block({ name, other, on, at }: Blocking, limits: Limits): BlockingRefusal {
    const known = this.#names.find(other.key);
    if (known === undefined) {
      if (!on) return undefined;
      if (this.#names.unseen >= limits.unseenNames) return refusalOf(tooManyNames(other, limits));
    }
    this.#blocked.set(this.#idOf(name), known?.id ?? this.#idOf(other), on, at);
    return undefined;
  }

  #idOf(name: Name): number {
    return (this.#names.find(name.key) ?? this.#names.add(name)).id;
  }

  #place(
    send: Send,
    first: number,
    blocks: Map<number, BlockBuilder>,
    inboxes: Map<number, InboxEntry>,
  ): void {
    const { bodies, count } = send;
    const step = send.to.length;
    const bytes = Buffer.byteLength(bodies);
    const sender = this.#names.find(send.from.key) ?? this.#names.add(send.from);
    send.to.forEach((name, index) => {
      const from = first + index;
      if (isRoom(name.key)) {
        const conversation = this.#rooms.writable(name, sender.id);
        addTo(blocks, conversation, send, from, sender.id);
        return;
      }
      const recipient = this.#names.find(name.key) ?? this.#names.add(name);
      const conversation = this.#conversations.of(sender.id, recipient.id);
      const last = from + (count - 1) * step;
      const block = addTo(blocks, conversation, send, from, sender.id);
      inboxOf(inboxes, recipient.id, from).add(block.first, last, count, bytes);
      if (sender !== recipient) inboxOf(inboxes, sender.id, from).add(block.first, last, 0, 0);
      recipient.waitingMessages += count;
      recipient.waitingBytes += bytes;
    });
  }
}

/** The most seqs that a batch may take. */
function mostSeqs({ sends, requests = [] }: Batch): number {
  return sends.reduce((sum, send) => sum + send.count * send.to.length, requests.length);
}

function addTo(
  blocks: Map<number, BlockBuilder>,
  conversation: number,
  { count, bodies, at, to, outbox }: Send,
  first: number,
  from: number,
): BlockBuilder {
  let block = blocks.get(conversation);
  if (block === undefined) {
    block = new BlockBuilder(conversation, first);
    blocks.set(conversation, block);
  }
  const part = { first, step: to.length, count, from, at, bodies };
  block.add(outbox === undefined ? part : { ...part, outbox });
  return block;
}

function accept(send: Send, accepted: number): Send {
  if (accepted === send.count) return send;
  return { ...send, count: accepted, bodies: sliceBodies(send.bodies, 0, accepted) };
}

function inboxOf(inboxes: Map<number, InboxEntry>, name: number, first: number): InboxEntry {
  let inbox = inboxes.get(name);
  if (inbox === undefined) inboxes.set(name, (inbox = new InboxEntry(first)));
  return inbox;
}
