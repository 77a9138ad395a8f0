// The shared worker of a name: hosts its line for all tabs. The name is the worker's own.

import { Host } from "./host.ts";
import { socketUrl } from "./socket-url.ts";

const worker = globalThis as unknown as {
  readonly name: string;
  readonly location: Location;
  addEventListener(event: "connect", listener: (event: MessageEvent) => void): void;
};

const host = new Host(socketUrl(worker.location), worker.name);

worker.addEventListener("connect", ({ ports: [port] }) => {
  if (port !== undefined) host.attach(port);
});
