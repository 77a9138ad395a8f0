// One page of a browser asks the others to let go of a line that it wants: of an older build, or where
// there are no shared workers.

/** How long an answer is waited for where nobody may be there, in ms. */
const PATIENCE = 1_000;

type Said = "let go" | "let go of";

export class HandOver {
  readonly #channel: BroadcastChannel;

  /** @param letGo resolves when what another page wants is free */
  constructor(what: string, letGo: () => Promise<void>) {
    this.#channel = new BroadcastChannel(`partyline ${what}`);
    this.#channel.addEventListener("message", ({ data }) => {
      if ((data as Said) === "let go of") void letGo().then(() => this.#say("let go"));
    });
  }

  /** Resolves when another page has let go of it, or none has answered. */
  async ask(): Promise<void> {
    const { promise, resolve } = Promise.withResolvers<void>();
    const heard = ({ data }: MessageEvent): void => {
      if ((data as Said) === "let go") resolve();
    };
    this.#channel.addEventListener("message", heard);
    const timer = setTimeout(() => resolve(), PATIENCE);
    this.#say("let go of");
    await promise;
    clearTimeout(timer);
    this.#channel.removeEventListener("message", heard);
  }

  #say(what: Said): void {
    this.#channel.postMessage(what);
  }
}
