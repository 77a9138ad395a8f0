// The numbers of WebSocket (RFC 6455, 5.2 and 7.4.1).

/** What a frame is. From `close` on it says something about the connection. */
export const Opcode = {
  continuation: 0,
  text: 1,
  binary: 2,
  close: 8,
  ping: 9,
  pong: 10,
} as const;

/** Why a connection is closed. */
export const CloseCode = {
  normal: 1000,
  protocolError: 1002,
  invalidText: 1007,
} as const;

/** Whether a close frame may have this code; the others are said by nobody. */
export function isCloseCode(code: number): boolean {
  const isStandard = code >= 1000 && code <= 1014 && (code < 1004 || code > 1006);
  return isStandard || (code >= 3000 && code <= 4999);
}
