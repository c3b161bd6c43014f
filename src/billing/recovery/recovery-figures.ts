import { type Db, rows } from '../../platform/db.ts';
import { classifyDecline } from './decline.ts';

/** What became of failed payments: the view `recovery_figures`, added up for people. */
export interface MonthOfRecovery {
  /** `2026-11`, of the first failure, UTC. */
  readonly month: string;
  readonly currency: string;
  readonly cases: number;
  /** Minor units of currency, as are all sums. */
  readonly failed: bigint;
  readonly byRetry: bigint;
  readonly byCustomer: bigint;
  readonly byOperator: bigint;
  readonly outOfBand: bigint;
  /** Unpaid to the end. */
  readonly lost: bigint;
  /** Credited or cancelled: nobody owes it. */
  readonly forgiven: bigint;
  readonly open: bigint;
  readonly letters: number;
}

interface Row {
  readonly month: string;
  readonly currency: string;
  readonly cases: number;
  readonly failed: string;
  readonly by_retry: string;
  readonly by_customer: string;
  readonly by_operator: string;
  readonly out_of_band: string;
  readonly lost: string;
  readonly forgiven: string;
  readonly still_open: string;
  readonly letters: number;
}

/** What the figures are; printed beside them. */
export const DEFINITION =
  'By the month (UTC) of the first failure, each currency for itself. Failed: what was open when the case began. Recovered: what was paid of it before the case ended. Lost: unpaid to the end. Not owed: credited, or cancelled by a person. What is paid after its end counts as lost, and the first payment of a subscription is no case.';

const MONTHS = 12;

/** Latest first. @param declineClass of the latest decline; undefined: all */
export async function recoveryByMonth(db: Db, declineClass?: string): Promise<MonthOfRecovery[]> {
  const found = await rows<Row>(
    db,
    `SELECT to_char(month, 'YYYY-MM') AS month, coalesce(currency, '') AS currency, sum(cases)::bigint AS cases, sum(failed)::text AS failed,
            sum(CASE how WHEN 'retry' THEN recovered ELSE 0 END)::text AS by_retry,
            sum(CASE how WHEN 'customer' THEN recovered ELSE 0 END)::text AS by_customer,
            sum(CASE how WHEN 'operator' THEN recovered ELSE 0 END)::text AS by_operator,
            sum(CASE how WHEN 'out_of_band' THEN recovered ELSE 0 END)::text AS out_of_band,
            sum(CASE how WHEN 'exhausted' THEN failed ELSE 0 END)::text AS lost,
            sum(CASE WHEN how IN ('refunded', 'cancelled') THEN failed ELSE 0 END)::text AS forgiven,
            sum(CASE WHEN state = 'open' THEN failed ELSE 0 END)::text AS still_open, sum(letters)::bigint AS letters
     FROM recovery_figures
     WHERE month > (now() AT TIME ZONE 'UTC')::date - make_interval(months => :months) AND (:class = '' OR decline_class = :class)
     GROUP BY 1, 2 ORDER BY 1 DESC, 2`,
    { class: declineClass ?? '', months: MONTHS },
  );
  return found.map(({ by_retry, by_customer, by_operator, out_of_band, still_open, ...row }) => ({
    ...row,
    failed: BigInt(row.failed),
    byRetry: BigInt(by_retry),
    byCustomer: BigInt(by_customer),
    byOperator: BigInt(by_operator),
    outOfBand: BigInt(out_of_band),
    lost: BigInt(row.lost),
    forgiven: BigInt(row.forgiven),
    open: BigInt(still_open),
  }));
}

/** Open cases, and how those of the last 31 days ended; by words of ours alone. */
export async function recoveryNow(db: Db): Promise<{ readonly outcome: string; readonly cases: number }[]> {
  return rows<{ outcome: string; cases: number }>(
    db,
    `SELECT coalesce(how, 'open') AS outcome, count(*) AS cases FROM recovery_cases
     WHERE state = 'open' OR opened_at > now() - interval '31 days' GROUP BY 1`,
  );
}

/** Cases of the last 31 days whose latest decline is in none of our tables. Their words stand in `recovery_cases.decline_code`. */
export async function unknownDeclines(db: Db): Promise<number> {
  const found = await rows<{ word: string; cases: number }>(
    db,
    `SELECT decline_code AS word, count(*) AS cases FROM recovery_cases
     WHERE decline_class = 'unclear' AND decline_code IS NOT NULL AND opened_at > now() - interval '31 days' GROUP BY 1`,
  );
  return found.reduce((sum, { word, cases }) => sum + (classifyDecline({ code: word }).known ? 0 : cases), 0);
}

export async function lettersLately(db: Db): Promise<number> {
  const [row] = await rows<{ letters: number }>(
    db,
    `SELECT count(DISTINCT message_key) AS letters FROM recovery_letters WHERE at > now() - interval '31 days'`,
  );
  return row?.letters ?? 0;
}
