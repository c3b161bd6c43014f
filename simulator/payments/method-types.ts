import { invalidParam, notSimulated } from '../core/errors.ts';
import { optional, type Param, scalar, unsimulated } from '../core/params.ts';

/** Kinds of payment methods that can be charged here. */
export const methodTypes = ['card', 'sepa_debit', 'us_bank_account'] as const;
export type MethodType = (typeof methodTypes)[number];

/** Kinds that Stripe knows beyond those and that can be described in a request, and such as can only be named. */
const described =
  'acss_debit affirm afterpay_clearpay alipay alma amazon_pay au_becs_debit bacs_debit bancontact billie bizum blik boleto cashapp crypto customer_balance eps fpx giropay grabpay ideal interac_present kakao_pay klarna konbini kr_card link mb_way mobilepay multibanco naver_pay nz_bank_account oxxo p24 pay_by_bank payco paynow paypal paypay payto pix promptpay revolut_pay samsung_pay satispay scalapay sequra sofort sunbit swish twint upi wechat_pay zip';
const named =
  'boku_promptpay custom capchase_pay card_present check_scan click_to_pay demo_pay duitnow dummy_auth_push dummy_passthrough_card edenred gcash getbalance gift_card gopay id_bank_transfer knet kr_market kriya momo mondu netbanking ng_bank ng_bank_transfer ng_card ng_market ng_ussd ng_wallet octopus paper_check qris rechnung shop_pay shopeepay south_korea_market stripe_balance tamara test_pay touch_n_go truemoney us_cash_voucher vipps wero';

const others = new Set([...described.split(' '), ...named.split(' ')]);

/** The name of a kind: another one of Stripe's is "not simulated", anything else is wrong. */
export function methodType(): Param<MethodType, false> {
  return optional((value, name) => {
    const written = scalar(value, name, 'string');
    const found = methodTypes.find((type) => type === written);
    if (found !== undefined) return found;
    if (others.has(written)) throw notSimulated(`${name}=${written}`);
    throw invalidParam(`Invalid ${name}: must be one of ${methodTypes.join(', ')}, ${[...others].join(', ')}`, name);
  });
}

/** `affirm: {…}` and so on: parameters of the kinds that are not simulated. */
export const otherTypeParams: Readonly<Record<string, Param<never, false>>> = Object.fromEntries(
  described.split(' ').map((type) => [type, unsimulated()]),
);
