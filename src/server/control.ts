// The control socket's server side: answers `partyline status` and `partyline backup` beside the chat.

import { once } from "node:events";
import { rmSync } from "node:fs";
import { createServer, type Socket } from "node:net";
import { readLines } from "./control-lines.ts";
import {
  type BackupDone,
  type ControlAnswer,
  type ControlRequest,
  MAX_REQUEST_LENGTH,
  type ServerStatus,
  isUserRequest,
  type UserAnswer,
  type UserRequest,
} from "./control-protocol.ts";

/** What can be asked of the server. */
export interface ControlHandlers {
  status(): Promise<ServerStatus>;
  backup(file: string, progress: (done: number) => void): Promise<BackupDone>;
  user(request: UserRequest): Promise<UserAnswer>;
}

export interface Control {
  /** Cuts who is still connected. The socket's file is removed. */
  close(): Promise<void>;
}

/**
 * Listens on `path`, which only this user may use. The folder's lock must be ours: a socket that is
 * there already was left by a server that was killed.
 */
export async function openControl(path: string, handlers: ControlHandlers): Promise<Control> {
  const sockets = new Set<Socket>();
  const server = createServer({ allowHalfOpen: true }, (socket) => {
    sockets.add(socket);
    // Whoever asked may be gone before the answer is written.
    socket.on("error", () => {});
    socket.on("close", () => sockets.delete(socket));
    void answerAll(socket, handlers);
  });
  rmSync(path, { force: true });
  // The file is made within `listen`, with these rights from its first moment on.
  const umask = process.umask(0o177);
  try {
    server.listen(path);
  } finally {
    process.umask(umask);
  }
  await once(server, "listening");
  // A connection that could not be accepted (no file descriptor is left) concerns its client only.
  server.on("error", () => {});
  return {
    async close() {
      const closed = once(server, "close");
      server.close();
      for (const socket of sockets) socket.destroy();
      await closed;
    },
  };
}

async function answerAll(socket: Socket, handlers: ControlHandlers): Promise<void> {
  try {
    for await (const line of readLines(socket, MAX_REQUEST_LENGTH)) {
      const answer = await answerTo(line, handlers, (progress) => write(socket, { progress }));
      write(socket, answer);
    }
    socket.end();
  } catch {
    // Whoever asked is gone, or asks nonsense.
    socket.destroy();
  }
}

async function answerTo(
  line: string,
  handlers: ControlHandlers,
  progress: (done: number) => void,
): Promise<ControlAnswer> {
  try {
    const request = parseRequest(line);
    if (request.request === "status") return { status: await handlers.status() };
    if (request.request === "user") return { user: await handlers.user(request) };
    return { backup: await handlers.backup(request.file, progress) };
  } catch (error) {
    return { error: (error as Error).message };
  }
}

function parseRequest(line: string): ControlRequest {
  const request = JSON.parse(line) as Partial<Record<string, unknown>> | null;
  if (request?.["request"] === "status") return { request: "status" };
  if (request?.["request"] === "user" && isUserRequest(request)) return request;
  if (request?.["request"] === "backup" && typeof request["file"] === "string") {
    return { request: "backup", file: request["file"] };
  }
  throw new Error(`unknown request: ${line.slice(0, 100)}`);
}

function write(socket: Socket, answer: ControlAnswer): void {
  if (socket.writable) socket.write(`${JSON.stringify(answer)}\n`);
}
