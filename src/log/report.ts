// How the parts below the server tell its operator what happens in the background.

/**
 * Told of something, with the part it happened in: a sentence about the world around (a full disk, too
 * many connections) that says what to do, or that it is `over`; an `Error` for what should not happen.
 */
export type Report = (stage: string, what: string | Error, over?: "over") => void;
