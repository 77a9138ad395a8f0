// Decides when the write-ahead log is moved into the file, so that it stays small and nobody waits
// for it: most of it beside the commits, the short rest between two of them.

/** The write-ahead log is moved when it has this many frames (pages of 4 KiB): 32 MiB. */
const CHECKPOINT_FRAMES = 8192;

/** Frames that may be left for the time when commits are held: a few milliseconds. */
const REST_FRAMES = 1024;

/** Passes beside the commits before the rest is moved whatever its size is. */
const PASSES = 4;

/** Moves what it can without stopping anybody, and gives the number of frames that are left. */
export type Checkpoint = () => Promise<number>;

export class Checkpoints {
  readonly #checkpoint: Checkpoint;
  /** A checkpoint of which nothing is left lets the next commit begin the file anew. */
  readonly #holdCommits: (until: Promise<unknown>) => void;
  readonly #failed: (error: Error) => void;
  /** After a failure (a full disk) it waits until there is as much more to move. */
  #tryAt = CHECKPOINT_FRAMES;
  #underWay: Promise<void> | undefined;

  constructor(
    checkpoint: Checkpoint,
    holdCommits: (until: Promise<unknown>) => void,
    failed: (error: Error) => void,
  ) {
    this.#checkpoint = checkpoint;
    this.#holdCommits = holdCommits;
    this.#failed = failed;
  }

  /** Told after each commit how many frames the write-ahead log has. */
  grown(frames: number): void {
    if (this.#underWay !== undefined) return;
    if (frames < this.#tryAt - CHECKPOINT_FRAMES) this.#tryAt = CHECKPOINT_FRAMES;
    if (frames < this.#tryAt) return;
    this.#underWay = this.#run().then(
      () => {
        this.#tryAt = CHECKPOINT_FRAMES;
        this.#underWay = undefined;
      },
      (error: Error) => {
        this.#tryAt = frames + CHECKPOINT_FRAMES;
        this.#underWay = undefined;
        this.#failed(error);
      },
    );
  }

  /** Waits for the one that is under way. */
  async settled(): Promise<void> {
    await this.#underWay;
  }

  async #run(): Promise<void> {
    for (let pass = 0; pass < PASSES; pass++) {
      if ((await this.#checkpoint()) <= REST_FRAMES) break;
    }
    const rest = this.#checkpoint();
    this.#holdCommits(rest);
    await rest;
  }
}
