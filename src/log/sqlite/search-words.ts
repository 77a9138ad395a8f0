// Words as the search index has them. Scripts that put no spaces between words are taken in pairs of
// characters, so that a word of two is found in the middle of a sentence.

/** Han, Hiragana, Katakana, Thai, Lao, Khmer, Myanmar: written without spaces. */
const UNSPACED =
  /[\p{Script=Han}\p{Script=Hiragana}\p{Script=Katakana}\p{Script=Thai}\p{Script=Lao}\p{Script=Khmer}\p{Script=Myanmar}]+/gu;

/** A text as it is indexed: SQLite takes it apart at what is neither letter nor digit. */
export function toIndexed(text: string): string {
  return text.replace(UNSPACED, (run) => ` ${pairs(run, true).join(" ")} `);
}

/**
 * What is looked for, in FTS5's language.
 * @returns undefined when there is no word in it
 */
export function toMatch(words: string): string | undefined {
  const terms: string[] = [];
  const spaced = words.replace(UNSPACED, (run) => {
    const characters = Array.from(run);
    if (characters.length === 1) terms.push(`${quoted(run)}*`);
    else terms.push(quoted(pairs(run, false).join(" ")));
    return " ";
  });
  const plain = spaced.match(/[\p{L}\p{M}\p{N}]+/gu) ?? [];
  plain.forEach((word, index) => {
    terms.push(index === plain.length - 1 ? `${quoted(word)}*` : quoted(word));
  });
  return terms.length === 0 ? undefined : terms.join(" AND ");
}

/** Overlapping pairs of characters; `alone`: and the last character by itself. */
function pairs(run: string, alone: boolean): string[] {
  const characters = Array.from(run);
  const all = characters.slice(1).map((character, i) => `${characters[i] ?? ""}${character}`);
  return alone || all.length === 0 ? [...all, characters.at(-1) ?? ""] : all;
}

function quoted(text: string): string {
  return `"${text.replaceAll('"', "")}"`;
}
