/**
 * Texts that people elsewhere have typed, on their way onto a document, into a mail or onto a page. What is stored stays
 * whole; these make the copy that is shown.
 */

/**
 * What has no picture and can lie about the rest: controls but line feed and tab, separators of lines and paragraphs, and all
 * that turns the direction of the text around it.
 */
const UNSEEN = /(?![\t\n])\p{Cc}|[\u2028\u2029\u202A-\u202E\u2066-\u2069\uFEFF]/gu;

/** Whether `printable` would change the characters of this text: for who refuses rather than cleans. */
export function hasUnprintable(text: string): boolean {
  return text.search(UNSEEN) !== -1 || !text.isWellFormed();
}

/**
 * Without control characters and without bidirectional embeddings, overrides and isolates (their marks stay: they turn
 * nothing but themselves). Ends of lines are `\n`. Half a surrogate pair becomes U+FFFD.
 */
export function printable(text: string): string {
  return text
    .replace(/\r\n?|[\u2028\u2029\x85]/g, '\n')
    .replace(UNSEEN, '')
    .toWellFormed();
}

/** The same in one line, each run of blanks being one space and none at its ends: a name, a description. */
export function printableLine(text: string): string {
  return printable(text).replace(/\s+/gu, ' ').trim();
}

/**
 * At most so many UTF-16 units, which are never fewer than the characters that somebody else may count. What is cut ends in
 * `…`, and between two characters as people see them; one that is longer than the whole limit, between two code points.
 */
export function cut(text: string, most: number): string {
  if (text.length <= most) return text;
  const room = most - 1;
  // The code point behind the room shows whether the last character in it is whole.
  const head = text.slice(0, room + 2);
  let end = 0;
  for (const { index, segment } of new Intl.Segmenter('und').segment(head)) {
    if (index + segment.length > room) break;
    end = index + segment.length;
  }
  if (end === 0) end = /[\uD800-\uDBFF]/.test(head.charAt(room - 1)) ? room - 1 : room;
  return `${head.slice(0, end).trimEnd()}…`;
}
