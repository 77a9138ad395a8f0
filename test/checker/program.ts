// One run of a program on the SDK: does what it is told, and tells what happens to it, in words that reach
// another process.

import { setTimeout as pause } from "node:timers/promises";
import type { Delivery, Line, LineError } from "../../src/client/index.ts";

export type Command =
  /** Bodies are unique. `patience`: it is given up after so many ms. */
  | {
      readonly do: "send";
      readonly to: readonly string[];
      readonly body: string;
      readonly patience?: number;
    }
  | { readonly do: "withdraw" }
  | { readonly do: "confirm"; readonly seq: number }
  | { readonly do: "join"; readonly room: string };

export type Told =
  /** The bodies that the store has brought. */
  | { readonly tell: "opened"; readonly unsent: readonly string[] }
  /** `sent`, or why not. */
  | {
      readonly tell: "outcome";
      readonly body: string;
      readonly outcome: string;
      readonly seqs?: Readonly<Record<string, number>>;
    }
  | {
      readonly tell: "delivery";
      readonly seq: number;
      readonly text: string;
      readonly isMine: boolean;
    }
  | { readonly tell: "confirmed"; readonly seq: number }
  | { readonly tell: "joined"; readonly room: string }
  /** It is over, and not since it was asked to end. */
  | { readonly tell: "ended"; readonly code: string };

export function runProgram(line: Line, tell: (told: Told) => void): (command: Command) => void {
  const bodies = new Map<number, string>();
  const look = (): void => {
    for (const { id, body } of line.unsent) bodies.set(id, body);
  };
  const outcome = (body: string, error: LineError): void =>
    tell({ tell: "outcome", body, outcome: error.code });
  line.opened.then(
    () => {
      look();
      tell({ tell: "opened", unsent: line.unsent.map(({ body }) => body) });
    },
    ({ code }: LineError) => tell({ tell: "ended", code }),
  );
  line.on("lost", () => tell({ tell: "ended", code: "lost" }));
  line.on("state", (state) => {
    if (state.kind === "closed" && state.error) tell({ tell: "ended", code: state.error.code });
  });
  // Also of what a former run has written, and of what was given up.
  line.on("outbox", (settled) => {
    const body = settled && bodies.get(settled.id);
    if (body === undefined) return;
    if (settled?.outcome !== "sent") return outcome(body, settled?.error as LineError);
    const { seqs } = settled;
    tell({ tell: "outcome", body, outcome: "sent", ...(seqs === undefined ? {} : { seqs }) });
  });
  void take(line, tell);
  return (command) => {
    switch (command.do) {
      case "send": {
        const { to, body, patience } = command;
        const options = patience === undefined ? {} : { signal: AbortSignal.timeout(patience) };
        line.send(to, body, options).then(
          () => tell({ tell: "outcome", body, outcome: "sent" }),
          (error: LineError) => outcome(body, error),
        );
        return look();
      }
      case "withdraw": {
        const first = line.unsent.find(({ isTransmitted }) => !isTransmitted);
        // Where it cannot be kept, it is told as the outcome.
        if (first !== undefined) line.withdraw(first.id).catch(() => {});
        return;
      }
      case "confirm": {
        const { seq } = command;
        // Whoever cannot keep it is given it again.
        line.confirm(seq).then(
          () => tell({ tell: "confirmed", seq }),
          () => {},
        );
        return;
      }
      default: {
        const { room } = command;
        line.join(room).then(
          () => tell({ tell: "joined", room }),
          ({ code }: LineError) => tell({ tell: "ended", code }),
        );
      }
    }
  };
}

async function take(line: Line, tell: (told: Told) => void): Promise<void> {
  try {
    for await (const delivery of line.deliveries({ confirm: false })) {
      const { seq } = delivery;
      // Now and then it is slow, so that more comes than it has kept when something ends.
      if (seq % 50 === 0) await pause(seq % 30);
      if (line.state.kind === "closed") return;
      const isMine = delivery.kind === "message" && line.isMine(delivery);
      tell({ tell: "delivery", seq, text: textOf(delivery), isMine });
    }
  } catch {
    // Why it ended is told by its state.
  }
}

export function textOf(delivery: Delivery): string {
  if (delivery.kind === "message") return `${delivery.to} ${delivery.body}`;
  return `* ${delivery.room} ${delivery.kind} ${delivery.name}`;
}
