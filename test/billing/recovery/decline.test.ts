import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { ASK, classifyDecline, type DeclineSaid } from '../../../src/billing/recovery/decline.ts';
import { DECLINE_CLASSES, type DeclineClass } from '../../../src/billing/recovery/decline-codes.ts';
import { propertyRun } from '../../support/property.ts';

const HOUR = 3_600;
const DAY = 86_400;

const CODES: Record<DeclineClass, readonly string[]> = {
  stop: [
    'stop_payment_order',
    'revocation_of_authorization',
    'revocation_of_all_authorizations',
    'previously_declined_do_not_retry',
  ],
  lost_card: [
    'lost_card',
    'stolen_card',
    'pickup_card',
    'restricted_card',
    'fraudulent',
    'merchant_blacklist',
    'security_violation',
  ],
  card_data: [
    'incorrect_number',
    'invalid_number',
    'expired_card',
    'incorrect_cvc',
    'invalid_cvc',
    'invalid_expiry_month',
    'invalid_expiry_year',
    'new_account_information_available',
  ],
  authenticate: ['authentication_required', 'authentication_not_handled', 'payment_intent_authentication_failure'],
  not_possible: [
    'transaction_not_allowed',
    'currency_not_supported',
    'card_not_supported',
    'not_permitted',
    'service_not_allowed',
    'highest_risk_level',
    'live_mode_test_card',
    'testmode_decline',
  ],
  money: ['insufficient_funds', 'withdrawal_count_limit_exceeded', 'card_velocity_exceeded'],
  later: ['issuer_not_available', 'processing_error', 'try_again_later', 'reenter_transaction', 'approve_with_id'],
  unclear: ['generic_decline', 'do_not_honor', 'call_issuer', 'no_action_taken'],
};
const codes = DECLINE_CLASSES.flatMap((of) => CODES[of].map((code) => [code, of] as const));

describe('one word decides alone', () => {
  test.each(codes)('the code %s is %s', (code, of) => {
    for (const said of [
      { decline_code: code },
      { code },
      { reason: code },
      { code: 'card_declined', decline_code: code },
    ])
      expect(classifyDecline(said)).toMatchObject({ class: of, waitSeconds: 0, known: true, unknown: [] });
  });

  test.each([
    ['do_not_try_again', 'stop', 0],
    ['confirm_card_data', 'card_data', 0],
    ['try_again_later', 'later', DAY],
  ] as const)('the advice %s is %s and waits %i seconds', (advice_code, of, waitSeconds) => {
    expect(classifyDecline({ advice_code })).toMatchObject({ class: of, waitSeconds, known: true });
  });

  test.each([
    ['01', 'card_data', 0],
    ['02', 'later', 72 * HOUR],
    ['03', 'stop', 0],
    ['04', 'not_possible', 0],
    ['21', 'stop', 0],
    ['24', 'later', HOUR],
    ['25', 'later', 24 * HOUR],
    ['26', 'later', 2 * DAY],
    ['27', 'later', 4 * DAY],
    ['28', 'later', 6 * DAY],
    ['29', 'later', 8 * DAY],
    ['30', 'later', 10 * DAY],
    ['40', 'not_possible', 0],
    ['41', 'not_possible', 0],
    ['43', 'not_possible', 0],
  ] as const)('the network advice %s is %s and waits %i seconds', (network_advice_code, of, waitSeconds) => {
    expect(classifyDecline({ network_advice_code })).toMatchObject({ class: of, waitSeconds, known: true });
  });

  test('a payment that waits for its customer is to be authenticated', () => {
    expect(classifyDecline({ requires_action: true })).toMatchObject({ class: 'authenticate', known: true });
    expect(classifyDecline({ requires_action: false }).class).toBe('unclear');
  });
});

test.each([
  ['lost_card', 'never', 'new_card'],
  ['stop', 'never', 'new_card'],
  ['not_possible', 'never', 'other_method'],
  ['authenticate', 'on_session', 'confirm'],
  ['card_data', 'card_changed', 'check_card'],
  ['unclear', 'few', 'patience'],
  ['money', 'spaced', 'balance'],
  ['later', 'after_wait', 'patience'],
] as const)('after %s a retry is allowed %s, and the customer is asked for %s', (of, retry, ask) => {
  for (const decline_code of CODES[of]) expect(classifyDecline({ decline_code }).retry).toBe(retry);
  expect(ASK[of]).toBe(ask);
});

test('a lost card is told in the very words of any other that is not to be tried again', () => {
  expect(ASK.lost_card).toBe(ASK.stop);
});

describe('the strictest word wins', () => {
  test.each<[string, DeclineSaid, DeclineClass, number]>([
    ['a code before soft advice', { decline_code: 'do_not_honor', advice_code: 'try_again_later' }, 'unclear', DAY],
    [
      'a hard code before soft advice',
      { decline_code: 'lost_card', network_advice_code: '02' },
      'lost_card',
      72 * HOUR,
    ],
    ['hard advice before a soft code', { decline_code: 'insufficient_funds', network_advice_code: '03' }, 'stop', 0],
    ['advice before the network', { advice_code: 'do_not_try_again', network_advice_code: '24' }, 'stop', HOUR],
    [
      'a block before the code',
      { decline_code: 'insufficient_funds', reason: 'highest_risk_level' },
      'not_possible',
      0,
    ],
    ['the code beside a vaguer one', { code: 'expired_card', decline_code: 'generic_decline' }, 'card_data', 0],
    ['a question of the bank', { decline_code: 'insufficient_funds', requires_action: true }, 'authenticate', 0],
    [
      'lost before stopped, for its words',
      { decline_code: 'stolen_card', advice_code: 'do_not_try_again' },
      'lost_card',
      0,
    ],
    ['authentication before data', { code: 'authentication_required', network_advice_code: '01' }, 'authenticate', 0],
    ['the longer wait', { advice_code: 'try_again_later', network_advice_code: '30' }, 'later', 10 * DAY],
    [
      'the longer wait, the other way round',
      { advice_code: 'try_again_later', network_advice_code: '24' },
      'later',
      DAY,
    ],
  ])('%s', (_what, said, of, waitSeconds) => {
    expect(classifyDecline(said)).toMatchObject({ class: of, waitSeconds, known: true });
  });
});

describe('words that nobody knows', () => {
  test.each<[string, DeclineSaid, DeclineClass, string[]]>([
    ['a new code', { decline_code: 'solar_flare' }, 'unclear', ['solar_flare']],
    ['a new code in both places is one', { code: 'solar_flare', reason: 'solar_flare' }, 'unclear', ['solar_flare']],
    ['new advice', { decline_code: 'insufficient_funds', advice_code: 'pray' }, 'unclear', ['pray']],
    ['new advice of the network', { network_advice_code: '99' }, 'unclear', ['99']],
    ['beside a hard word', { decline_code: 'solar_flare', network_advice_code: '21' }, 'stop', ['solar_flare']],
    ['advice where a code is expected', { decline_code: 'do_not_try_again' }, 'unclear', ['do_not_try_again']],
    ['a code where advice is expected', { advice_code: 'lost_card' }, 'unclear', ['lost_card']],
    [
      'a name that every object has',
      { decline_code: 'constructor', network_advice_code: 'toString' },
      'unclear',
      ['constructor', 'toString'],
    ],
  ])('%s', (_what, said, of, unknown) => {
    expect(classifyDecline(said)).toMatchObject({ class: of, waitSeconds: 0, known: false, unknown });
  });

  test('nothing said is unclear, and nothing to count', () => {
    const nothing = { class: 'unclear', retry: 'few', waitSeconds: 0, known: true, unknown: [] };
    for (const said of [{}, { code: 'card_declined' }, { code: '', decline_code: null, advice_code: undefined }])
      expect(classifyDecline(said)).toEqual(nothing);
  });
});

test('whatever advice is added, the result is not softer and the wait not shorter', () => {
  const word = (...known: string[]) => fc.option(fc.oneof(fc.constantFrom(...known), fc.string({ maxLength: 3 })));
  const anyCode = fc.oneof(fc.constantFrom(...codes.map(([code]) => code)), fc.string({ minLength: 1 }));
  const macs = ['01', '02', '03', '04', '21', '24', '25', '26', '27', '28', '29', '30', '40', '41', '43'];
  const advice = fc.record({
    advice_code: word('do_not_try_again', 'confirm_card_data', 'try_again_later'),
    network_advice_code: word(...macs),
    requires_action: fc.boolean(),
  });
  const keys = fc.subarray(['advice_code', 'network_advice_code', 'requires_action'] as const);
  fc.assert(
    fc.property(anyCode, advice, keys, (decline_code, added, kept) => {
      const without = { ...added, ...Object.fromEntries(kept.map((key) => [key, undefined])) };
      const [before, now] = [
        classifyDecline({ decline_code, ...without }),
        classifyDecline({ decline_code, ...added }),
      ];
      expect(DECLINE_CLASSES.indexOf(now.class)).toBeLessThanOrEqual(DECLINE_CLASSES.indexOf(before.class));
      expect(now.waitSeconds).toBeGreaterThanOrEqual(before.waitSeconds);
      if (!before.known) expect(now.known).toBe(false);
    }),
    propertyRun(1_000),
  );
});
