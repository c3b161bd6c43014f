import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { messageOf, redact } from '../../src/platform/log.ts';
import { hideSecrets, LONGEST_TEXT, redactBeginning, redactForLog, redactText } from '../../src/platform/redaction.ts';
import { linesOf } from '../support/log-lines.ts';
import { depth, propertyRun } from '../support/property.ts';
import { forms, leaked, secret } from '../support/secret-forms.ts';

describe('secrets are cut out of texts', () => {
  test.each([
    ['key sk_test_51Abc987 refused', 'key sk_[redacted] refused'],
    ['rk_live_51Abc987', 'rk_[redacted]'],
    ['Invalid API Key provided: sk_live_****1234', 'Invalid API Key provided: sk_[redacted]****1234'],
    ['secret=whsec_abcDEF123,', 'secret=whsec_[redacted],'],
    ['pi_3Nx_secret_8fk2 confirmed', 'pi_3Nx_secret_[redacted] confirmed'],
    ['seti_1N_secret_8fk2', 'seti_1N_secret_[redacted]'],
    ['cs_test_a1b2_secret_fidwbEhq', 'cs_test_a1b2_secret_[redacted]'],
    ['postgres://quittance:p%40ss,word@db:5432/x?y', 'postgres://quittance:[redacted]@db:5432/x?y'],
    ['redis://:hidden@127.0.0.1:6379/0 and redis://h', 'redis://:[redacted]@127.0.0.1:6379/0 and redis://h'],
    ['qk_0123456789abcdefghijklmnopqrstuvwxyz_ABCDE-', 'qk_[redacted]'],
    ['Bearer%20qk_0123456789abcdefghijklmnop', 'Bearer%20qk_[redacted]'],
    ['signed with whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw+/=', 'signed with whsec_[redacted]'],
    ['{"secret":"whsec_MfKQ9r8\\/GKYq\\u002bLaSw="}', '{"secret":"whsec_[redacted]"}'],
    ['postgres://quittance:p@ss/w:rd@db:5432/x', 'postgres://quittance:[redacted]@db:5432/x'],
    [
      'smtp://ada@example.com:a/b@c@mail.example.com:587 is away',
      'smtp://ada@example.com:[redacted]@mail.example.com:587 is away',
    ],
    ['"redis://:a:b@h" and "https://example.com/x"', '"redis://:[redacted]@h" and "https://example.com/x"'],
    ['Authorization: Bearer abcdefghijklmnopqrstuvwxyz.123', 'Authorization: Bearer [redacted]'],
    ['Authorization: basic c2tfdGVzdF81MUFiYzo6Og==', 'Authorization: basic [redacted]'],
    ['a basic thing, and basic understanding', 'a basic thing, and basic understanding'],
    ['https://example.com/i/abcdefghijklmnop0123456789012345678901/pay', 'https://example.com/i/[redacted]/pay'],
    ['GET /I//abcdefghijklmnop0123456789012345678901?x', 'GET /I/[redacted]?x'],
    [
      'url=https%3A%2F%2Fexample.com%2Fi%2Fabcdefghijklmnop0123456789012345678901',
      'url=https%3A%2F%2Fexample.com%2Fi%2F[redacted]',
    ],
    ['risk_level_high, task_force_one and qk_short stay', 'risk_level_high, task_force_one and qk_short stay'],
    ['two: sk_test_aaaa sk_test_bbbb', 'two: sk_[redacted] sk_[redacted]'],
    ['two: sk_live_+/=1 rk_test_%2F+1', 'two: sk_[redacted] rk_[redacted]'],
    [
      'without a mode: sk_abcd1234 rk_abcd, but not sk_abc',
      'without a mode: sk_[redacted] rk_[redacted], but not sk_abc',
    ],
    ['two: whsec_abcd1 whsec_abcd2', 'two: whsec_[redacted] whsec_[redacted]'],
    ['two: qk_0123456789abcdefg qk_0123456789abcdefh', 'two: qk_[redacted] qk_[redacted]'],
    ['a name alone in ftp://ada@files.example/x stays', 'a name alone in ftp://ada@files.example/x stays'],
    ['and in postgres://ada@db:5432/x', 'and in postgres://ada@db:5432/x'],
    ['no password in redis://ada:@h', 'no password in redis://ada:@h'],
    ['one of one character: redis://ada:x@h', 'one of one character: redis://ada:[redacted]@h'],
    [
      'postgres://h/db?user=a&password=hid%26den and redis://h?Password=x',
      'postgres://h/db?user=a&password=[redacted] and redis://h?Password=[redacted]',
    ],
    ['a page /i?pass and ?passed=1 stay', 'a page /i?pass and ?passed=1 stay'],
    ['amqp://a:hidden@h', 'amqp://a:[redacted]@h'],
    ['pi_3Nx, in_1, cus_9 and evt_7 stay', 'pi_3Nx, in_1, cus_9 and evt_7 stay'],
    ['see https://dashboard.stripe.com/acct_1/logs', 'see https://dashboard.stripe.com/acct_1/logs'],
  ])('%s', (text, redacted) => {
    expect(redactText(text)).toBe(redacted);
  });
});

describe('mail addresses are cut out of the log', () => {
  test.each([
    ['mail to ada@example.com bounced', 'mail to [address] bounced'],
    ['<ada+shop@mail.example.com>', '<[address]>'],
    ['?search=ada%40example.com&limit=1', '?search=[address]&limit=1'],
    ['value too long: "ä.ö@müller.example"', 'value too long: "[address]"'],
    ['package @stripe/cli and 3 @ 5', 'package @stripe/cli and 3 @ 5'],
  ])('%s', (text, redacted) => {
    expect(redactForLog(text)).toBe(redacted);
  });

  test('and stay where a person needs them', () => {
    expect(redactText('mail to ada@example.com bounced')).toBe('mail to ada@example.com bounced');
  });
});

describe('a long text', () => {
  test('is cut before anything is looked for in it, and says how long it was', () => {
    const text = redactText('x'.repeat(100_000));
    expect(text).toBe(`${'x'.repeat(LONGEST_TEXT - 256)}… (100000 characters)`);
  });

  test.each([
    ['one word', 'a'.repeat(100_000)],
    ['schemes', '://'.repeat(40_000)],
    ['passwords', 'a://b:c@'.repeat(15_000)],
    ['begun secrets of payments', 'pi_'.repeat(40_000)],
    ['begun keys', 'qk_'.repeat(40_000)],
    ['begun mail addresses', 'a%40'.repeat(30_000)],
    ['slashes', '/i/'.repeat(40_000)],
  ])('of %s is no longer behind it than it may be', (_what, text) => {
    expect(redactForLog(text).length).toBeLessThan(2 * LONGEST_TEXT);
  });

  test('that is as long as it may be stays whole', () => {
    const most = 'x'.repeat(LONGEST_TEXT);
    expect(redactText(most)).toBe(most);
  });

  test('is shown by its beginning, as much of it as is asked for', () => {
    const long = 'x'.repeat(10_000);
    expect(redactBeginning(long, 10)).toBe('x'.repeat(10));
    expect(redactBeginning(long)).toBe('x'.repeat(LONGEST_TEXT - 256));
  });

  test('that was cut elsewhere leaves no half of a secret', () => {
    const half = `${'x'.repeat(280)} sk_live_51Abc`;
    expect(redactBeginning(half, 300)).toBe(
      'x'.repeat(half.length - 'sk_live_51Abc'.length + 'sk_[redacted]'.length - 256),
    );
  });
});

test('a secret in a form that is longer than what a cut drops is not left as a half either', () => {
  const long = 'ü%"'.repeat(60);
  hideSecrets([long]);
  const written = encodeURIComponent(long);
  const cutInTwo = `${'.'.repeat(LONGEST_TEXT - written.length + 20)}${written}`;
  expect(redactText(cutInTwo)).not.toContain(written.slice(0, 20));
});

test.each([
  ['in JSON with its slashes escaped', 'said "pass\\/word+1234"', 'said "[redacted]"'],
  ['in a form', 'password=pass%2Fword%2B1234', 'password=[redacted]'],
  ['in a URL within a URL', 'next=pass%252Fword%252B1234', 'next=[redacted]'],
  ['in large hexadecimal', `\\x${Buffer.from('pass/word+1234').toString('hex').toUpperCase()}`, '\\x[redacted]'],
  [
    'in Base64 for URLs',
    `said ${Buffer.from('pass/word+1234').toString('base64url')}`,
    /^said [\w-]{0,2}\[redacted\][\w-]{0,4}$/,
  ],
])('a secret that is known is cut out %s', (_how, text, redacted) => {
  hideSecrets(['pass/word+1234']);
  if (typeof redacted === 'string') expect(redactText(text)).toBe(redacted);
  else expect(redactText(text)).toMatch(redacted);
});

test('what is too short to be a secret takes no words out of texts', () => {
  hideSecrets(['x1y2z']);
  expect(redactText('x1y2z stays')).toBe('x1y2z stays');
});

test('a password that is a plain word takes no words out of texts, and none out of its URL', () => {
  hideSecrets(['postgres', 'password']);
  expect(redactText('postgres refuses the password')).toBe('postgres refuses the password');
  expect(redactText('postgres://postgres:postgres@db')).toBe('postgres://postgres:[redacted]@db');
});

test('no secret of this process leaves in any form: not in the log, not in the sentence of an error', () => {
  fc.assert(
    fc.property(
      fc.array(secret, { minLength: 1, maxLength: 4 }),
      fc.constantFrom(...Object.keys(forms)),
      fc.constantFrom('', ' ', 'x', '=', '"', 'https://example.com/?a='),
      // Also where the cut goes through it.
      fc.oneof(fc.constant(0), fc.integer({ min: LONGEST_TEXT - 400, max: LONGEST_TEXT + 100 })),
      fc.constantFrom('', ' and so on', ' '.repeat(3 * LONGEST_TEXT)),
      (secrets, form, before, filler, after) => {
        hideSecrets(secrets);
        for (const text of secrets) {
          const said = `${'.'.repeat(filler)}${before}${forms[form]?.(text)}${after}`;
          const error = Object.assign(new Error(said), { code: said });
          const lines = linesOf((log) => {
            log.warn(said, { text: said, error, [said]: 1, deep: [{ said }] });
          });
          const outputs = [...lines, messageOf(error), messageOf(said), JSON.stringify(redact({ error }))];
          for (const output of outputs) expect(leaked(output, form, text), output.slice(-400)).toBe(false);
        }
      },
    ),
    propertyRun(150 * depth),
  );
});
