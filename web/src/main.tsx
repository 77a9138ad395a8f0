// The browser client: begins here.

import { render } from "preact";
import { goTo } from "./state/place.ts";
import { listenForClicks } from "./state/notifier.ts";
import { resume, watchTab } from "./state/session.ts";
import { trusted } from "./trusted.ts";
import { App } from "./views/app.tsx";

resume();
watchTab();
listenForClicks(goTo);

const root = document.getElementById("app");
if (root !== null) render(<App />, root);

// Pages without TLS have none: they work as long as the server can be reached.
navigator.serviceWorker
  ?.register(trusted(new URL("./service-worker.js", location.href).href))
  .catch((error: unknown) => console.warn("not available offline:", error));
