// What the browser keeps for the next time. Where it is full, or not allowed, things last as long as the page.

const PREFIX = "partyline ";

export function readKept<T>(name: string, fallback: T): T {
  try {
    const text = localStorage.getItem(PREFIX + name);
    return text === null ? fallback : (JSON.parse(text) as T);
  } catch {
    return fallback;
  }
}

export function keep(name: string, value: unknown): void {
  try {
    localStorage.setItem(PREFIX + name, JSON.stringify(value));
  } catch {
    // As said above.
  }
}

export function forgetKept(name: string): void {
  try {
    localStorage.removeItem(PREFIX + name);
  } catch {
    // Then nothing was kept.
  }
}

/** Tells when another tab has kept something else. @param isMeant whether it is of interest, by its name */
export function onKept(isMeant: (name: string) => boolean, changed: () => void): void {
  addEventListener("storage", ({ key }) => {
    if (key?.startsWith(PREFIX) === true && isMeant(key.slice(PREFIX.length))) changed();
  });
}
