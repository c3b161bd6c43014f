import type { Teller } from '../agreement/teller.ts';
import type { AccessState, Features } from './access-state.ts';

/** What the business's systems are told of somebody's access: the whole of it, and what has come and gone. */
export interface AccessNews {
  readonly reference: string;
  readonly version: number;
  /** As they were told of it before. */
  readonly before: Features;
  readonly state: AccessState;
  /** By the clock of everybody. */
  readonly now: Date;
}

/** Who gets it so late keeps what has a higher version. */
const TELL_WITHIN = 400 * 86_400;

export async function tellOfAccess(
  tell: Teller,
  { reference, version, before, state: { features, asOf }, now }: AccessNews,
): Promise<void> {
  const happened = { at: now, tellWithin: TELL_WITHIN };
  const key = `${reference}:${version}`;
  await tell.event(
    { type: 'access.changed', key, data: { reference, version, as_of: asOf.toISOString(), features } },
    happened,
  );
  for (const [type, names] of [
    ['access.granted', Object.keys(features).filter((name) => !Object.hasOwn(before, name))],
    ['access.revoked', Object.keys(before).filter((name) => !Object.hasOwn(features, name))],
  ] as const) {
    for (const feature of names) {
      const { until = null, cause } = (type === 'access.granted' ? features : before)[feature] ?? {};
      await tell.event(
        { type, key: `${key}:${feature}`, data: { reference, version, feature, until, cause } },
        happened,
      );
    }
  }
}
