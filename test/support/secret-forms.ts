import fc from 'fast-check';

/** As people and programs make them up, from eight characters on. A short plain word is nobody's secret: it is left in texts. */
export const secret = fc
  .oneof(
    fc
      .string({ minLength: 8, maxLength: 60, unit: 'grapheme-ascii' })
      .filter((text) => text.trim() === text && text.length >= 8),
    fc.string({
      minLength: 8,
      maxLength: 40,
      unit: fc.constantFrom('a', '0', '+', '/', '=', '-', '_', '@', ':', '%', '"', '\\', 'ü'),
    }),
    fc.base64String({ minLength: 24, maxLength: 48 }).map((text) => `whsec_${text}`),
  )
  // Such as `prototype`, which fast-check likes to draw.
  .filter((text) => !/^[a-z]{1,11}$/.test(text));

export const forms: Record<string, (text: string) => string> = {
  plain: (text) => text,
  'in a URL': (text) => encodeURIComponent(text),
  'in a URL, in small letters': (text) => encodeURIComponent(text).replace(/%../g, (code) => code.toLowerCase()),
  'in a form': (text) => new URLSearchParams({ key: text }).toString(),
  'in a URL within a URL': (text) => encodeURIComponent(encodeURIComponent(text)),
  'in the query of a database URL': (text) => `redis://h?password=${encodeURIComponent(text)}&connectTimeout=1000`,
  'as a password': (text) => `postgres://quittance:${encodeURIComponent(text)}@db:5432/x`,
  'as a password that was never encoded': (text) => `smtp://user:${text}@mail.example.com`,
  'in a JSON text': (text) => JSON.stringify({ key: text }),
  'in a JSON text within a JSON text': (text) => JSON.stringify(JSON.stringify({ key: text })),
  'in Base64': (text) => Buffer.from(text).toString('base64'),
  'in Base64 for URLs': (text) => Buffer.from(text).toString('base64url'),
  'in a header': (text) => `Basic ${Buffer.from(`${text}:`).toString('base64')}`,
  'as SMTP sends it': (text) => Buffer.from(`\0user\0${text}`).toString('base64'),
  'after a character, in Base64': (text) => Buffer.from(`u:${text}`).toString('base64'),
  'in hexadecimal': (text) => Buffer.from(text).toString('hex'),
};

/** What of a secret that is written in this form must be nowhere: what stands for its inner part, whatever is beside it. */
export function leaked(output: string, form: string, text: string): boolean {
  const written = forms[form]?.(text) ?? '';
  // The longest run of characters that depends on the secret alone: a third of what was written, from its middle.
  const inner = written.slice(Math.floor(written.length / 3), Math.ceil((written.length * 2) / 3));
  return output.includes(text) || (inner.length >= 8 && output.includes(inner));
}
