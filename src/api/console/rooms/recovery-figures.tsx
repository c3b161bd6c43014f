import type { VNode } from 'preact';
import { DEFINITION, type MonthOfRecovery } from '../../../billing/recovery/recovery-figures.ts';
import type { SettingToConfirm } from '../../../billing/recovery/stripe-settings.ts';
import { formatMoney } from '../../../platform/money.ts';
import { When } from '../parts/facts.tsx';
import { ReasonForm } from '../parts/reason-form.tsx';
import { Table } from '../parts/table.tsx';

/** What became of failed payments, with what the figures mean; and what Stripe can't be asked about. */

const HOW = {
  byRetry: 'by a retry',
  byCustomer: 'by the customer',
  byOperator: 'by an operator',
  outOfBand: 'elsewhere',
} as const;
const WAYS = ['byRetry', 'byCustomer', 'byOperator', 'outOfBand'] as const;

const COLUMNS = ['Month', 'Cases', 'Failed', 'Recovered', 'Lost', 'Not owed', 'Open', 'Letters'];

export function RecoveryFigures({ months }: { readonly months: readonly MonthOfRecovery[] }): VNode {
  return (
    <section>
      <h2>Month by month</h2>
      <Table
        caption="What became of failed payments, by the month of the first failure, latest first"
        columns={COLUMNS}
        numbers={COLUMNS.slice(1)}
        empty="No payment of a subscription has failed in the last twelve months."
        rows={months.map(({ month, currency, cases, letters, ...sums }) => {
          const shown = (amount: bigint) => (amount === 0n ? '–' : formatMoney({ amount, currency }));
          return {
            key: `${month} ${currency}`,
            cells: [
              month,
              cases,
              shown(sums.failed),
              <div key="recovered">
                {shown(WAYS.reduce((sum, way) => sum + sums[way], 0n))}
                {WAYS.filter((way) => sums[way] > 0n).map((way) => (
                  <div key={way} class="hint">
                    {HOW[way]} {shown(sums[way])}
                  </div>
                ))}
              </div>,
              shown(sums.lost),
              shown(sums.forgiven),
              shown(sums.open),
              letters,
            ],
          };
        })}
      />
      <p class="hint">{DEFINITION}</p>
    </section>
  );
}

interface SettingsProps {
  readonly settings: readonly SettingToConfirm[];
  readonly form: { readonly path: string };
  readonly mayChange: boolean;
}

/** Only those that nobody has looked at, or long ago, ask for anything. */
export function SettingsToConfirm({ settings, form, mayChange }: SettingsProps): VNode | null {
  if (settings.length === 0) return null;
  return (
    <section>
      {settings.map(({ setting, says, confirmedAt, confirmedBy, isDue }) => (
        <div key={setting} class={isDue ? 'flash problem' : undefined}>
          <p class={isDue ? undefined : 'hint'}>
            {isDue ? 'Please look in the Dashboard of Stripe, which does not tell it over its API: ' : 'Confirmed: '}
            {says}{' '}
            {confirmedAt ? (
              <>
                ({confirmedBy}, <When at={confirmedAt} />)
              </>
            ) : null}
          </p>
          {isDue && mayChange ? (
            <ReasonForm
              summary="I have looked…"
              form={form}
              effect="It is noted that it is so, with your name and the day, and asked again in 90 days. Nothing is changed at Stripe."
              button="It is so"
              hidden={{ setting }}
            />
          ) : null}
        </div>
      ))}
    </section>
  );
}
