/** Where a sentence ends: the end of the text, or a full stop, question or exclamation mark before white space. */
const SENTENCE_END = /[.!?](?=\s|$)/g;

/**
 * The text, or, where it is longer than `mostLength` UTF-16 units, as many of its whole sentences as find room. Where not
 * even the first does, it is cut at a word, or inside a word that is too long itself, and ends with an ellipsis.
 */
export function cutAtSentence(text: string, mostLength: number): string {
  if (text.length <= mostLength) return text;
  let end = 0;
  for (const { index } of text.matchAll(SENTENCE_END)) {
    if (index + 1 > mostLength) break;
    end = index + 1;
  }
  if (end > 0) return text.slice(0, end);
  const room = text.slice(0, mostLength - 1);
  const endsAWord = /\s/.test(text.charAt(mostLength - 1));
  const atWord = endsAWord ? room.trimEnd() : room.replace(/\s+\S*$/, '');
  // A lone first half of a surrogate pair is no character.
  return `${(atWord === '' ? room : atWord).replace(/[\ud800-\udbff]$/, '')}…`;
}
