// Modules of this folder that only Node has a use for: they are not in what a browser loads.

/** @param name a file beside this one, without its ending */
export async function importNode<M>(name: string): Promise<M> {
  const ending = import.meta.url.endsWith(".ts") ? "ts" : "js";
  const url = new URL(`./${name}.${ending}`, import.meta.url).href;
  return (await import(/* @vite-ignore */ url)) as M;
}
