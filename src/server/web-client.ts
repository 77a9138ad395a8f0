// The web client's files as pages: read when they are first asked for, and packed once.

import { createHash } from "node:crypto";
import { globSync } from "node:fs";
import { readFile } from "node:fs/promises";
import type { IncomingHttpHeaders } from "node:http";
import { extname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import { brotliCompress, gzip } from "node:zlib";
import type { HttpPage, HttpPages } from "../listen/http.ts";
import type { HttpAnswer } from "../listen/http-answer.ts";

/** Where `npm ci` and `npm run build` put it. */
export const WEB_FOLDER: string = fileURLToPath(new URL("../../dist/web", import.meta.url));

const TYPES: Readonly<Record<string, string>> = {
  ".html": "text/html; charset=utf-8",
  ".js": "text/javascript; charset=utf-8",
  ".css": "text/css; charset=utf-8",
  ".svg": "image/svg+xml",
  ".png": "image/png",
  ".webmanifest": "application/manifest+json",
};

/** Nothing from anywhere else, nothing written into the page, and no page around it. */
const POLICY = [
  "default-src 'none'",
  "script-src 'self'",
  "style-src 'self'",
  "img-src 'self' data:",
  "font-src 'self'",
  "connect-src 'self'",
  "manifest-src 'self'",
  "worker-src 'self'",
  "base-uri 'none'",
  "form-action 'none'",
  "frame-ancestors 'none'",
  "require-trusted-types-for 'script'",
  "trusted-types partyline",
].join("; ");

const SAFETY = {
  "Content-Security-Policy": POLICY,
  "Referrer-Policy": "no-referrer",
  "Cross-Origin-Opener-Policy": "same-origin",
  "Cross-Origin-Resource-Policy": "same-origin",
};

/** Files whose names hold a hash of what is in them never change. */
const LASTING = "public, max-age=31536000, immutable";
const PASSING = "no-cache";

interface Packed {
  readonly etag: string;
  readonly plain: Buffer;
  readonly gzip: Buffer;
  readonly br: Buffer;
}

/**
 * A page for each file of the folder, `index.html` at `/` too. A folder that does not exist has none:
 * the server then runs without a web client.
 */
export function createWebClient(folder: string = WEB_FOLDER): HttpPages {
  const pages = new Map<string, HttpPage>();
  for (const file of globSync("**/*.*", { cwd: folder })) {
    const page = createPage(folder, file);
    pages.set(`/${file}`, page);
    if (file === "index.html") pages.set("/", page);
  }
  return pages;
}

function createPage(folder: string, file: string): HttpPage {
  let packed: Promise<Packed> | undefined;
  const headers = {
    ...SAFETY,
    "Content-Type": TYPES[extname(file)] ?? "application/octet-stream",
    "Cache-Control": file.startsWith("assets/") ? LASTING : PASSING,
    Vary: "Accept-Encoding",
  };
  return async (asked): Promise<HttpAnswer> => {
    const { etag, ...bodies } = await (packed ??= pack(join(folder, file)));
    const common = { ...headers, ETag: etag };
    if (asked["if-none-match"] === etag) return { status: 304, body: "", headers: common };
    const encoding = encodingFor(asked);
    if (encoding === undefined) return { status: 200, body: bodies.plain, headers: common };
    return {
      status: 200,
      body: bodies[encoding],
      headers: { ...common, "Content-Encoding": encoding },
    };
  };
}

function encodingFor({
  "accept-encoding": accepted = "",
}: IncomingHttpHeaders): "br" | "gzip" | undefined {
  const names = accepted.split(",").map((one) => one.split(";", 1)[0]?.trim());
  return (["br", "gzip"] as const).find((name) => new Set(names).has(name));
}

async function pack(path: string): Promise<Packed> {
  const plain = await readFile(path);
  const etag = `"${createHash("sha256").update(plain).digest("base64url").slice(0, 22)}"`;
  const [zipped, br] = await Promise.all([
    promisify(gzip)(plain),
    promisify(brotliCompress)(plain),
  ]);
  return { etag, plain, gzip: zipped, br };
}
