import { createHmac } from 'node:crypto';
import fc from 'fast-check';
import Stripe from 'stripe';
import { describe, expect, test } from 'vitest';
import { SIGNATURE_TOLERANCE_SECONDS, verifySignature } from '../../../src/stripe/inbox/signature.ts';
import { propertyRun } from '../../support/property.ts';

const { webhooks } = new Stripe('sk_test_x');
const now = 1_790_000_000;
const body = Buffer.from('{"id":"evt_1","object":"event"}');

function sign(content: Buffer, secret: string, timestamp = now): string {
  return webhooks.generateTestHeaderString({ payload: content.toString(), secret, timestamp });
}

function v1(secret: string, timestamp = now, content = body): string {
  return `v1=${createHmac('sha256', secret).update(`${timestamp}.`).update(content).digest('hex')}`;
}

describe('what Stripe signs is valid', () => {
  test('with the one secret, or with any of several during a rotation', () => {
    expect(verifySignature(body, sign(body, 'whsec_a'), ['whsec_a'], now)).toBe('valid');
    expect(verifySignature(body, sign(body, 'whsec_a'), ['whsec_b', 'whsec_a'], now)).toBe('valid');
    expect(verifySignature(body, sign(body, 'whsec_b'), ['whsec_b', 'whsec_a'], now)).toBe('valid');
  });

  test('with several signatures, of which one fits', () => {
    const header = `t=${now},${v1('whsec_old')},${v1('whsec_new')},v0=junk`;
    expect(verifySignature(body, header, ['whsec_new'], now)).toBe('valid');
    expect(verifySignature(body, header, ['whsec_old'], now)).toBe('valid');
    expect(verifySignature(body, header, ['whsec_other'], now)).toBe('signature_wrong');
  });

  test('with blanks around its parts', () => {
    expect(verifySignature(body, `t=${now} , ${v1('whsec_a')} `, ['whsec_a'], now)).toBe('valid');
    expect(verifySignature(body, ` t = ${now},v1 = ${v1('whsec_a').slice(3)}`, ['whsec_a'], now)).toBe('valid');
  });

  test('to the edge of the tolerance, in the past and in the future', () => {
    for (const timestamp of [now - SIGNATURE_TOLERANCE_SECONDS, now + SIGNATURE_TOLERANCE_SECONDS]) {
      expect(verifySignature(body, sign(body, 'whsec_a', timestamp), ['whsec_a'], now)).toBe('valid');
    }
  });

  test('over an empty body', () => {
    expect(verifySignature(Buffer.alloc(0), `t=${now},${v1('a', now, Buffer.alloc(0))}`, ['a'], now)).toBe('valid');
  });
});

describe('what is refused, and why', () => {
  test.each([
    ['no header', undefined, 'signature_missing'],
    ['an empty header', '', 'signature_missing'],
    ['no signature', `t=${now}`, 'signature_missing'],
    ['no timestamp', v1('whsec_a'), 'signature_missing'],
    ['a timestamp that is none', `t=soon,${v1('whsec_a')}`, 'signature_missing'],
    ['a timestamp with something before it', `t=x${now},${v1('whsec_a')}`, 'signature_missing'],
    ['a timestamp with something behind it', `t=${now}x,${v1('whsec_a')}`, 'signature_missing'],
    ['a timestamp of more digits than a time has', `t=${'1'.repeat(13)},${v1('whsec_a')}`, 'signature_missing'],
    ['a signature with something before it', `t=${now},${v1('whsec_a').replace('v1=', 'v1=ab')}`, 'signature_missing'],
    ['a signature with something behind it', `t=${now},${v1('whsec_a')}ab`, 'signature_missing'],
    ['only the old scheme', `t=${now},${v1('whsec_a').replace('v1', 'v0')}`, 'signature_missing'],
    ['a shortened signature', `t=${now},${v1('whsec_a').slice(0, -2)}`, 'signature_missing'],
    ['another secret', `t=${now},${v1('whsec_b')}`, 'signature_wrong'],
    ['another timestamp than was signed', `t=${now + 1},${v1('whsec_a')}`, 'signature_wrong'],
    ['one second too old', `t=${now - 301},${v1('whsec_a', now - 301)}`, 'timestamp_stale'],
    ['one second too early', `t=${now + 301},${v1('whsec_a', now + 301)}`, 'timestamp_in_future'],
    ['old, and signed by another', `t=${now - 301},${v1('whsec_b', now - 301)}`, 'signature_wrong'],
  ])('%s', (_what, header, verdict) => {
    expect(verifySignature(body, header, ['whsec_a'], now)).toBe(verdict);
  });

  test('a body that was changed by one byte, or encoded anew', () => {
    const header = sign(body, 'whsec_a');
    const changed = Buffer.from(body);
    changed[0] = 0x5b;
    expect(verifySignature(changed, header, ['whsec_a'], now)).toBe('signature_wrong');
    expect(verifySignature(Buffer.from(`${body} `), header, ['whsec_a'], now)).toBe('signature_wrong');
  });

  test('everything, where there is no secret; and a blank secret is none', () => {
    expect(verifySignature(body, `t=${now},${v1('')}`, [], now)).toBe('signature_wrong');
    for (const blank of ['', ' ', '\t']) {
      expect(verifySignature(body, `t=${now},${v1(blank)}`, [blank], now)).toBe('signature_wrong');
    }
  });
});

test('for any body, secrets and age the verdict is that of Stripe’s own library, but for the future', () => {
  const secret = fc.string({ minLength: 1, maxLength: 40 }).map((text) => `whsec_${text}`);
  const delivery = fc.record({
    content: fc.oneof(fc.string({ unit: 'grapheme', maxLength: 300 }), fc.json()),
    signedWith: fc.array(secret, { minLength: 1, maxLength: 3 }),
    known: fc.array(secret, { minLength: 1, maxLength: 3 }),
    // Half of them know a secret that was signed with.
    rotated: fc.boolean(),
    age: fc.oneof(fc.integer({ min: 0, max: 310 }), fc.integer({ min: 295, max: 305 }), fc.nat(100_000)),
    tampered: fc.boolean(),
  });
  fc.assert(
    fc.property(delivery, ({ content, signedWith, known, rotated, age, tampered }) => {
      const signed = Buffer.from(content);
      const header = [`t=${now - age}`, ...signedWith.map((one) => v1(one, now - age, signed)), 'v0=0'].join(',');
      const secrets = rotated ? [...known, ...signedWith.slice(-1)] : known;
      const arrived = tampered ? Buffer.concat([signed, Buffer.from(' ')]) : signed;
      const theirs = secrets.some((one) => stripeAccepts(arrived, header, one));
      expect(verifySignature(arrived, header, secrets, now) === 'valid').toBe(theirs);
      expect(theirs).toBe(secrets.some((one) => signedWith.includes(one)) && !tampered && age <= 300);
    }),
    propertyRun(300),
  );
});

function stripeAccepts(content: Buffer, header: string, secret: string): boolean {
  try {
    return webhooks.signature?.verifyHeader(content, header, secret, 300, undefined, now * 1000) === true;
  } catch (error) {
    expect(error).toBeInstanceOf(Stripe.errors.StripeSignatureVerificationError);
    return false;
  }
}
