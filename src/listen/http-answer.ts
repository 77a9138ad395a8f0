// What the server answers over HTTP.

import { Buffer } from "node:buffer";

export interface HttpAnswer {
  readonly status: number;
  /** Plain text, unless the headers say otherwise. */
  readonly body: string | Buffer;
  readonly headers?: Readonly<Record<string, string>>;
}

export interface TextAnswer extends HttpAnswer {
  readonly body: string;
}

/** What goes with every answer: it is true now, and is what it says it is. */
export const ANSWER_HEADERS: Readonly<Record<string, string>> = {
  "Content-Type": "text/plain; charset=utf-8",
  "Cache-Control": "no-store",
  "X-Content-Type-Options": "nosniff",
};

const REASONS: Readonly<Record<number, string>> = { 403: "Forbidden", 404: "Not Found" };

/** As bytes on a connection that is closed after it: for those who never come to be asked. */
export function formatLastAnswer({ status, body }: TextAnswer): string {
  const headers = {
    ...ANSWER_HEADERS,
    "Content-Length": Buffer.byteLength(body),
    Connection: "close",
  };
  const lines = Object.entries(headers).map(([name, value]) => `${name}: ${value}\r\n`);
  return `HTTP/1.1 ${status} ${REASONS[status] ?? ""}\r\n${lines.join("")}\r\n${body}`;
}
