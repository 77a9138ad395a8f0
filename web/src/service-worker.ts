// Keeps the page itself in the browser, so that it opens without a connection. What is said never comes
// here: it goes over WebSocket.

interface Asked {
  readonly request: Request;
  respondWith(answer: Promise<Response>): void;
  waitUntil(done: Promise<unknown>): void;
}
interface Clicked {
  readonly notification: Notification;
  waitUntil(done: Promise<unknown>): void;
}
interface Page {
  postMessage(what: string): void;
  focus(): Promise<Page>;
}

const worker = globalThis as unknown as {
  readonly location: Location;
  readonly clients: {
    claim(): Promise<void>;
    matchAll(what: { type: "window"; includeUncontrolled: true }): Promise<readonly Page[]>;
    openWindow(url: string): Promise<Page | null>;
  };
  skipWaiting(): Promise<void>;
  addEventListener(event: "install" | "activate" | "fetch", listener: (event: Asked) => void): void;
  addEventListener(event: "notificationclick", listener: (event: Clicked) => void): void;
};

/** Everything that the page is made of, and a name for exactly this: put in by the build. */
declare const FILES: readonly string[];
declare const BUILD: string;

const PREFIX = "partyline ";
const CACHE = PREFIX + BUILD;

const paths = new Set(FILES.map((file) => new URL(file, worker.location.href).pathname));
const home = new URL("./", worker.location.href).pathname;

worker.addEventListener("install", (event) => {
  event.waitUntil(
    caches
      .open(CACHE)
      .then((cache) => cache.addAll(FILES.map((file) => new Request(file, { cache: "reload" }))))
      .then(() => worker.skipWaiting()),
  );
});

worker.addEventListener("activate", (event) => {
  event.waitUntil(forgetOthers().then(() => worker.clients.claim()));
});

async function forgetOthers(): Promise<void> {
  const names = await caches.keys();
  const old = names.filter((name) => name.startsWith(PREFIX) && name !== CACHE);
  await Promise.all(old.map((name) => caches.delete(name)));
}

worker.addEventListener("fetch", (event) => {
  const { pathname, origin } = new URL(event.request.url);
  const isOurs = origin === worker.location.origin && (pathname === home || paths.has(pathname));
  if (event.request.method !== "GET" || !isOurs) return;
  const answer = async (): Promise<Response> => {
    const cache = await caches.open(CACHE);
    const kept = await cache.match(pathname === home ? "./index.html" : event.request, {
      ignoreSearch: true,
      ignoreVary: true,
    });
    return kept ?? fetch(event.request);
  };
  event.respondWith(answer());
});

worker.addEventListener("notificationclick", (event) => {
  const { notification } = event;
  notification.close();
  const place = String(notification.data);
  const show = async (): Promise<void> => {
    const [page] = await worker.clients.matchAll({ type: "window", includeUncontrolled: true });
    if (page === undefined) {
      await worker.clients.openWindow(`./#/${encodeURIComponent(place)}`);
    } else {
      page.postMessage(place);
      await page.focus();
    }
  };
  event.waitUntil(show());
});
