import { expect, test } from 'vitest';
import { asciiAddress, emailAddress } from '../../src/platform/email-address.ts';

test.each([
  ['ada@example.com'],
  ['r&d@example.com'],
  ['a/b@example.com'],
  ['ada+invoices@example.com'],
  ["o'brien@example.ie"],
  ['ada.of.the_shop-2@mail.example.co.uk'],
  ['!#$%&*=?^`{|}~@example.com'],
  ['Ada@Example.COM'],
  ['1@9.example'],
  ['ada@xn--bcher-kva.example'],
  [`${'a'.repeat(64)}@example.com`],
  // 254 characters, the most.
  [`${'a'.repeat(64)}@${'b'.repeat(59)}.${'c'.repeat(60)}.${'d'.repeat(60)}.example`],
  [`a@${'b'.repeat(63)}.example`],
])('%s is an address, and goes out as it is', (address) => {
  expect(emailAddress.parse(address)).toBe(address);
  expect(asciiAddress(address)).toBe(address);
});

test.each([
  ['ada@bücher.example', 'ada@xn--bcher-kva.example'],
  ['info@faß.example', 'info@xn--fa-hia.example'],
  ['post@例え.jp', 'post@xn--r8jz45g.jp'],
  ['post@例え。jp', 'post@xn--r8jz45g.jp'],
  ['почта@пример.рф', undefined],
  ['pochta@пример.рф', 'pochta@xn--e1afmkfd.xn--p1ai'],
  // The same letter in two code points is stored as one.
  ['ada@bu\u0308cher.example', 'ada@xn--bcher-kva.example'],
])('%s goes out as %s', (address, ascii) => {
  expect(asciiAddress(address)).toBe(ascii);
  const parsed = emailAddress.safeParse(address);
  expect(parsed.success ? parsed.data : undefined).toBe(ascii && address.normalize('NFC'));
});

test.each([
  [' ada@example.com\t'],
  ['\nada@example.com\r\n'],
  ['\u00a0ada@example.com\u3000'],
  ['\u202aada@example.com\u202c'],
  ['\ufeffada@example.com\u200b'],
  ['\n \t ada@example.com'],
  [`${' '.repeat(1_000 - 'ada@example.com'.length)}ada@example.com`],
])('blanks and unseen marks around an address are no part of it: %j', (typed) => {
  expect(emailAddress.parse(typed)).toBe('ada@example.com');
});

test.each([
  [''],
  ['   '],
  ['ada'],
  ['ada@'],
  ['@example.com'],
  ['ada@example'],
  ['example.com'],
  ['ada@example.com.1'],
  ['ada@localhost'],
  ['ada@@example.com'],
  ['ada@bob@example.com'],
  ['ada example@example.com'],
  ['ada@exam ple.com'],
  ['ada@exam\u200bple.com'],
  ['.ada@example.com'],
  ['ada.@example.com'],
  ['ada..b@example.com'],
  ['ada@.example.com'],
  ['ada@example..com'],
  ['ada@-example.com'],
  ['ada@example-.com'],
  ['ada@example.c'],
  ['ada@1.2.3.4'],
  ['ada@[1.2.3.4]'],
  ['ada@example.com.'],
  ['ada@a%2Eb.example'],
  ['ada@xn--a.example\u00fc'],
  ['ädа@example.com'],
  ['"ada b"@example.com'],
  ['Ada <ada@example.com>'],
  ['mailto:ada@example.com'],
  ['ada@example.com,bob@example.com'],
  ['ada@example.com; bob@example.com'],
  [`${'a'.repeat(64)}@${'b'.repeat(60)}.${'c'.repeat(60)}.${'d'.repeat(60)}.example`],
  [`${' '.repeat(1_001 - 'ada@example.com'.length)}ada@example.com`],
  ['ada@example.com\r\nBcc: bob@example.com'],
  ['ada\0@example.com'],
  [`${'a'.repeat(65)}@example.com`],
  [`a@${'b'.repeat(64)}.example`],
  [`a@${'bücher.'.repeat(20)}example`],
  [`a@${'b.'.repeat(124)}example`],
])('%j is refused', (typed) => {
  expect(emailAddress.safeParse(typed)).toMatchObject({
    success: false,
    error: { issues: [{ message: 'must be an e-mail address, e.g. ada@example.com' }] },
  });
});

test.each([[7], [null], [['ada@example.com']]])('%j is no text, and refused in the same words', (input) => {
  expect(emailAddress.safeParse(input).error?.issues).toMatchObject([
    { message: expect.stringMatching(/^must be an e-mail address/) },
  ]);
});

test('an address of any length is judged in the time of reading it', () => {
  const begun = performance.now();
  for (const part of ['a', 'a.', 'ü', '@', '\u200b', ' ', 'a@']) {
    expect(emailAddress.safeParse(`${part.repeat(100_000)}@example.com!`).success).toBe(false);
    expect(emailAddress.safeParse(`ada@${part.repeat(100_000)}!`).success).toBe(false);
  }
  expect(performance.now() - begun).toBeLessThan(2_000);
});
