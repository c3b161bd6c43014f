/**
 * Arrays in the binary form of Postgres (array_send in its source: dimensions, has nulls, element type, length, lower
 * bound, then each element behind its length; -1 is NULL). A statement with one array per column has one text and one plan
 * for every number of rows, and the elements go over as the bytes they are, without quoting.
 */
const HEADER_BYTES = 20;
const TEXT = 25;

/** @param elements text in UTF-8; a Buffer goes over uncopied but once */
export function textArray(elements: readonly (string | Buffer | null)[]): Buffer {
  let size = HEADER_BYTES;
  for (const element of elements) size += 4 + (element === null ? 0 : Buffer.byteLength(element));
  const array = Buffer.allocUnsafe(size);
  array.writeInt32BE(1, 0);
  array.writeInt32BE(elements.includes(null) ? 1 : 0, 4);
  array.writeInt32BE(TEXT, 8);
  array.writeInt32BE(elements.length, 12);
  array.writeInt32BE(1, 16);
  let at = HEADER_BYTES;
  for (const element of elements) {
    const start = at + 4;
    if (element === null) {
      array.writeInt32BE(-1, at);
      at = start;
      continue;
    }
    const length = typeof element === 'string' ? array.write(element, start) : element.copy(array, start);
    array.writeInt32BE(length, at);
    at = start + length;
  }
  return array;
}
