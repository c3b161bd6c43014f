/**
 * What may leave in a text: a log line, a stored error, a page. Secrets are cut out in whatever form they stand there. The
 * work grows with the length of the text and with nothing else, and a text has a length.
 */

/** Characters of a text that are looked at; what is behind them is left out. */
export const LONGEST_TEXT = 4_096;
/** At least: a secret that the cut went through stands at the very end, and must not stay as a half. */
const DROPPED_AT_CUT = 256;

const REDACTED = '[redacted]';
/** A shorter one would take words out of innocent texts, as would a plain word; in a URL its place tells it. */
const SHORTEST_KNOWN = 8;
const PLAIN_WORD = /^[a-z]{1,11}$/;

/** A process has about five; many more are those of a process of tests, which opens and closes all day. */
const MOST_KNOWN = 20;

/** The secrets of this process, and all their forms: the longest first, since one may hold another. */
let secretsHidden: readonly string[] = [];
let known: readonly string[] = [];

/** Says what must not leave, besides what a text betrays by its form. Whoever opens something with a secret calls it. */
export function hideSecrets(secrets: readonly string[]): void {
  const tellable = secrets.filter((secret) => secret.length >= SHORTEST_KNOWN && !PLAIN_WORD.test(secret));
  const most = Math.max(MOST_KNOWN, tellable.length);
  secretsHidden = [...new Set([...tellable, ...secretsHidden])].slice(0, most);
  known = [...new Set(secretsHidden.flatMap(formsOf))].sort((a, b) => b.length - a.length);
}

/** As it is, in a JSON text (also one within another), in a URL (also one within another), in a form, and in Base64 wherever it begins within what was encoded. */
function formsOf(secret: string): string[] {
  const once = JSON.stringify(secret).slice(1, -1);
  const twice = JSON.stringify(once).slice(1, -1);
  const inUrl = encodeURIComponent(secret);
  const inForm = new URLSearchParams([['', secret]]).toString().slice(1);
  const inUrls = [inUrl, inUrl.replace(/%../g, lower), inForm, encodeURIComponent(inUrl)];
  const texts = [secret, once, twice, once.replaceAll('/', '\\/'), ...inUrls];
  const bytes = Buffer.from(secret);
  const encoded = [0, 1, 2].flatMap((before) => {
    const base64 = Buffer.concat([Buffer.alloc(before), bytes]).toString('base64');
    // The characters at both ends depend on the neighbours, too.
    const end = Math.floor(((before + bytes.length) * 8) / 6);
    const own = base64.slice(Math.ceil((before * 8) / 6), end);
    return [own, own.replaceAll('+', '-').replaceAll('/', '_'), encodeURIComponent(own)];
  });
  const hex = bytes.toString('hex');
  return [...texts, ...encoded, hex, hex.toUpperCase()].filter(({ length }) => length >= SHORTEST_KNOWN);
}

function lower(text: string): string {
  return text.toLowerCase();
}

/** Part of a key, also where a text is a URL (`%`) or a JSON text (`\`). */
const KEY_CHARACTER = '(?:\\\\?[\\w+/=%-])';

/** None of them can be slow: nothing in them is repeated without bound and then tried anew from the next character. */
const SECRET_FORMS: readonly (readonly [RegExp, string])[] = [
  [new RegExp(`([sr]k)_(?:test|live)_${KEY_CHARACTER}*`, 'g'), `$1_${REDACTED}`],
  [/(?<![A-Za-z0-9])([sr]k)_\w{4,}/g, `$1_${REDACTED}`],
  [new RegExp(`whsec_${KEY_CHARACTER}{4,}`, 'g'), `whsec_${REDACTED}`],
  // A key of /v1.
  [new RegExp(`qk_${KEY_CHARACTER}{16,}`, 'g'), `qk_${REDACTED}`],
  [/((?:pi|seti|cs)_\w{1,120}?_secret)_[\w%-]{4,}/g, `$1_${REDACTED}`],
  [/\b(Bearer|Basic)( |%20)[\w.~+/=%-]{16,}/gi, `$1$2${REDACTED}`],
  // In the query of a URL, where databases take a password, too.
  [/([?&][\w.]{0,20}pass(?:word|wd)?=)[^\s"'<>`&#]+/gi, `$1${REDACTED}`],
  // The link of an own invoice: who has it sees the invoice.
  [/(\/|%2F)(i)(?:\/|%2F){1,4}[\w%-]{16,}/gi, `$1$2$1${REDACTED}`],
];

/** Without secrets. */
export function redactText(text: string): string {
  return text.length <= LONGEST_TEXT ? redactWhole(text) : `${redactBeginning(text)}… (${text.length} characters)`;
}

/** The same for the beginning of a longer text: a secret that was cut in two is not in it. @param most characters to keep */
export function redactBeginning(text: string, most = LONGEST_TEXT): string {
  const dropped = Math.max(DROPPED_AT_CUT, known[0]?.length ?? 0);
  return redactWhole(text.slice(0, LONGEST_TEXT)).slice(0, -dropped).slice(0, most);
}

function redactWhole(text: string): string {
  let rest = text;
  for (const form of known) if (rest.includes(form)) rest = rest.replaceAll(form, REDACTED);
  rest = withoutUrlPasswords(rest);
  for (const [form, instead] of SECRET_FORMS) rest = rest.replace(form, instead);
  return rest;
}

const SCHEME_END = '://';
const WORD_END = /[\s"'<>`]/g;

/** `scheme://user:password@host`: the password may hold @, / and :, so it goes from the first : to the last @ of the word. */
function withoutUrlPasswords(text: string): string {
  let done = 0;
  let result = '';
  for (let scheme = text.indexOf(SCHEME_END); scheme !== -1; scheme = text.indexOf(SCHEME_END, done)) {
    const begin = scheme + SCHEME_END.length;
    WORD_END.lastIndex = begin;
    const end = WORD_END.exec(text)?.index ?? text.length;
    const word = text.slice(begin, end);
    const [colon, at] = [word.indexOf(':'), word.lastIndexOf('@')];
    const hasPassword = colon !== -1 && at > colon + 1;
    result +=
      text.slice(done, begin) + (hasPassword ? `${word.slice(0, colon + 1)}${REDACTED}${word.slice(at)}` : word);
    done = end;
  }
  return result + text.slice(done);
}

/** Wherever nothing else parts it from its surroundings. */
const MAIL_ADDRESS = /[^\s@<>"'`,;:()[\]{}\\/=&?|]{1,64}(?:@|%40)[^\s@<>"'`,;:()[\]{}\\/=&?|]{1,255}/g;

/** Without secrets and without mail addresses: for the log, which many read, and which is kept elsewhere. */
export function redactForLog(text: string): string {
  const rest = redactText(text);
  return rest.includes('@') || rest.includes('%40') ? rest.replace(MAIL_ADDRESS, '[address]') : rest;
}
