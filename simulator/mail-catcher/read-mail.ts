import { decodedBase64, decodedQuotedPrintable, decodedWords } from './encodings.ts';

/** Reads a mail as it came over the wire: headers in their order, and its text and HTML. Attachments are left aside. */
export interface ReadMail {
  /** Name and decoded value. */
  readonly headers: readonly (readonly [string, string])[];
  readonly text: string | null;
  readonly html: string | null;
}

interface Part {
  readonly headers: readonly (readonly [string, string])[];
  /** One character per byte. */
  readonly body: string;
}

const DEEPEST = 5;

export function readMail(raw: Buffer): ReadMail {
  const mail = partOf(raw.toString('latin1'));
  const leaves = leavesOf(mail, 0);
  const first = (type: string) => leaves.find((leaf) => typeOf(leaf) === type);
  const [text, html] = [first('text/plain'), first('text/html')];
  return {
    headers: mail.headers.map(([name, value]) => [name, decodedWords(value)]),
    text: text ? contentOf(text) : null,
    html: html ? contentOf(html) : null,
  };
}

export function headerOf(headers: ReadMail['headers'], name: string): string | undefined {
  return headers.find(([other]) => other.toLowerCase() === name)?.[1];
}

function partOf(raw: string): Part {
  // Without headers a part begins with the empty line.
  const end = /^\r?\n|\r?\n\r?\n/.exec(raw);
  const head = end ? raw.slice(0, end.index) : raw;
  // A line that begins with white space goes on with the one before.
  const lines = head.replace(/\r?\n[ \t]+/g, ' ').split(/\r?\n/);
  const headers = lines.flatMap((line): [string, string][] => {
    const colon = line.indexOf(':');
    return colon > 0 ? [[line.slice(0, colon).trim(), line.slice(colon + 1).trim()]] : [];
  });
  return { headers, body: end ? raw.slice(end.index + end[0].length) : '' };
}

function leavesOf(part: Part, depth: number): Part[] {
  const boundary = /boundary="?([^";]+)"?/i.exec(headerOf(part.headers, 'content-type') ?? '')?.[1];
  if (!boundary || !typeOf(part).startsWith('multipart/') || depth > DEEPEST) return [part];
  // Before the first boundary and after the closing one stands nothing of the mail.
  const [, ...between] = `\n${part.body}`.split(`\n--${boundary}`);
  return between
    .filter((section) => !section.startsWith('--'))
    .flatMap((section) => leavesOf(partOf(section.replace(/^[ \t]*\r?\n/, '').replace(/\r$/, '')), depth + 1));
}

function typeOf({ headers }: Part): string {
  return (headerOf(headers, 'content-type') ?? 'text/plain').split(';')[0]?.trim().toLowerCase() ?? '';
}

/** Lines end as they do here, not as on the wire. */
function contentOf(part: Part): string {
  return decoded(part).replaceAll('\r\n', '\n');
}

function decoded({ headers, body }: Part): string {
  const encoding = headerOf(headers, 'content-transfer-encoding')?.toLowerCase();
  if (encoding === 'quoted-printable') return decodedQuotedPrintable(body);
  if (encoding === 'base64') return decodedBase64(body);
  return Buffer.from(body, 'latin1').toString('utf8');
}
