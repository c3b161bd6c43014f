/** How mail carries what is not ASCII (RFC 2045 and 2047). Everything is taken for UTF-8. */

/** @param text one character per byte */
export function decodedQuotedPrintable(text: string): string {
  const bytes = text
    .replace(/[ \t]+(?=\r?\n|$)/g, '')
    .replace(/=\r?\n/g, '')
    .replace(/=([0-9A-F]{2})/gi, (_, hex: string) => String.fromCharCode(Number.parseInt(hex, 16)));
  return Buffer.from(bytes, 'latin1').toString('utf8');
}

export function decodedBase64(text: string): string {
  return Buffer.from(text, 'base64').toString('utf8');
}

/** `=?UTF-8?Q?Gr=C3=BC=C3=9Fe?=` in a header. White space between two such words belongs to neither. */
export function decodedWords(value: string): string {
  return value
    .replace(/(\?=)\s+(=\?[^?]+\?[QB]\?)/gi, '$1$2')
    .replace(/=\?[^?]+\?([QB])\?([^?]*)\?=/gi, (_, how: string, word: string) =>
      how.toUpperCase() === 'B' ? decodedBase64(word) : decodedQuotedPrintable(word.replaceAll('_', ' ')),
    );
}
