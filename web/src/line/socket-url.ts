/** Where the server that gave this page takes WebSockets. */
export function socketUrl({ protocol, host }: Location): string {
  return `${protocol === "https:" ? "wss" : "ws"}://${host}/`;
}
