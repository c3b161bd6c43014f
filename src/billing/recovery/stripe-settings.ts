import type { Knex } from 'knex';
import { after } from '../../platform/clock.ts';
import { type Db, firstRow, rows } from '../../platform/db.ts';
import { Refused } from '../../platform/errors.ts';
import type { Deps } from '../deps/deps.ts';
import { recordAudit } from '../desk/audit-log.ts';
import type { RecoveryPolicy } from '../policy/recovery.ts';
import { nowAt } from '../subscriptions/subscriptions.ts';
import type { By } from './manage-recovery.ts';

/** The table `stripe_settings_confirmed`: what the API does not tell of an account, and a person has looked up. */

export const STRIPE_SETTINGS = ['no_mails_of_stripe', 'leave_past_due'] as const;
export type StripeSetting = (typeof STRIPE_SETTINGS)[number];

/** Somebody may change them in the Dashboard at any time, and nobody tells us. Seconds. */
const HOLDS_FOR = 90 * 86_400;

const WORDS = {
  no_mails_of_stripe:
    'Stripe’s own mails about failed payments, expiring cards and confirmations are off (Billing settings), so that customers do not get two of each.',
  leave_past_due:
    'After all retries Stripe leaves the subscription past due, and its own retries are off (Billing settings): Quittance tries, and ends it.',
} as const satisfies Record<StripeSetting, string>;

export interface SettingToConfirm {
  readonly setting: StripeSetting;
  /** What has to be so. */
  readonly says: string;
  /** Null: nobody ever has. */
  readonly confirmedAt: Date | null;
  readonly confirmedBy: string | null;
  /** Nobody has looked, or long ago. */
  readonly isDue: boolean;
}

/** Which settings matter for this policy, pure. */
export function settingsThatMatter({ mode, letters }: RecoveryPolicy): StripeSetting[] {
  return [
    ...(letters.most_per_case > 0 ? (['no_mails_of_stripe'] as const) : []),
    ...(mode === 'own' ? (['leave_past_due'] as const) : []),
  ];
}

/** @returns none where nothing is sold by subscription */
export async function settingsToConfirm(db: Db, policy: RecoveryPolicy): Promise<SettingToConfirm[]> {
  if (!(await firstRow(db, 'SELECT FROM subscriptions LIMIT 1'))) return [];
  const [confirmed, now] = [await confirmedSettings(db), await nowAt(db)];
  return settingsThatMatter(policy).map((setting) => {
    const row = confirmed.find((each) => each.setting === setting);
    return {
      setting,
      says: WORDS[setting],
      confirmedAt: row?.confirmed_at ?? null,
      confirmedBy: row?.confirmed_by ?? null,
      isDue: row === undefined || after(row.confirmed_at, HOLDS_FOR) <= now,
    };
  });
}

async function confirmedSettings(db: Db) {
  return rows<{ setting: StripeSetting; confirmed_at: Date; confirmed_by: string }>(
    db,
    'SELECT setting, confirmed_at, confirmed_by FROM stripe_settings_confirmed',
  );
}

export function asStripeSetting(word: string): StripeSetting {
  const known = STRIPE_SETTINGS.find((each) => each === word);
  if (!known) throw new Refused(`${word} is none of ${STRIPE_SETTINGS.join(', ')}.`);
  return known;
}

/** A person has looked in the Dashboard. */
export async function confirmSetting(setting: StripeSetting, by: By, { db }: Pick<Deps, 'db'>): Promise<void> {
  await db.transaction(async (trx) => {
    await write(trx, setting, by.actor);
    await recordAudit(trx, { ...by, action: 'recovery.confirm_setting', subject: setting });
  });
}

async function write(trx: Knex.Transaction, setting: StripeSetting, by: string): Promise<void> {
  await rows(
    trx,
    `INSERT INTO stripe_settings_confirmed (setting, confirmed_by) VALUES (:setting, :by)
     ON CONFLICT ON CONSTRAINT stripe_settings_confirmed_once DO UPDATE SET confirmed_at = now(), confirmed_by = excluded.confirmed_by`,
    { setting, by },
  );
}
