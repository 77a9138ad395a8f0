// The web client's build: into `dist/web`, from where the server serves it.

import { createHash } from "node:crypto";
import { globSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { defineConfig, type Plugin } from "vite";

const PUBLIC = join(import.meta.dirname, "public");

/** Tells the service worker which files the page is made of. It keeps its name: that is how browsers find the next one. */
function listFiles(): Plugin {
  return {
    name: "list-files",
    // After the page itself is made.
    enforce: "post",
    generateBundle(_options, bundle) {
      const worker = bundle["service-worker.js"];
      if (worker?.type !== "chunk") return this.error("there is no service worker");
      const made = Object.values(bundle).filter(({ fileName }) => fileName !== worker.fileName);
      const given = globSync("*.*", { cwd: PUBLIC }).toSorted();
      const files = [...made.map(({ fileName }) => fileName), ...given];
      const hash = createHash("sha256").update(files.join("\n"));
      for (const one of made) hash.update(one.type === "chunk" ? one.code : one.source);
      // Their names stay when they change.
      for (const file of given) hash.update(readFileSync(join(PUBLIC, file)));
      const build = hash.digest("base64url").slice(0, 12);
      const list = JSON.stringify(files.map((file) => `./${file}`).toSorted());
      worker.code = `const FILES=${list},BUILD=${JSON.stringify(build)};\n${worker.code}`;
    },
  };
}

export default defineConfig({
  root: import.meta.dirname,
  base: "./",
  plugins: [listFiles()],
  oxc: { jsx: { runtime: "automatic", importSource: "preact" } },
  worker: { format: "es" },
  build: {
    outDir: "../dist/web",
    emptyOutDir: true,
    target: "es2023",
    modulePreload: { polyfill: false },
    assetsInlineLimit: 0,
    rolldownOptions: {
      input: {
        index: join(import.meta.dirname, "index.html"),
        "service-worker": join(import.meta.dirname, "src/service-worker.ts"),
      },
      output: {
        entryFileNames: ({ name }) =>
          name === "service-worker" ? "[name].js" : "assets/[name]-[hash].js",
      },
    },
  },
});
