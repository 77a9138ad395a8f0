// Modules of this folder that only Node has a use for: they are not in what a browser loads.

/** @param name a file beside this one, without its ending */
export async function importNode<M>(name: string): Promise<M> {
  // Bundlers take a URL that begins with `import.meta.url` for a file that a browser needs.
  const here = import.meta.url;
  const url = new URL(`./${name}.${here.endsWith(".ts") ? "ts" : "js"}`, here).href;
  return (await import(/* @vite-ignore */ url)) as M;
}
