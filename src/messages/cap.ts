/**
 * How many letters are too many, pure. What counts is what was sent, so it is decided when a letter is due, and not when
 * it is queued: days may lie between the two, in which the mail server was away, or a letter had nothing left to say.
 */
export interface Cap {
  /** Who is spared, e.g. `recovery:cus_…`; no address. */
  readonly key: string;
  /** Letters under this key at the most, each counted whatever its kind. */
  readonly most: number;
  /** Within so many seconds. */
  readonly seconds: number;
}

export interface UnderCap {
  /** Sent within the time of the cap. */
  readonly sent: number;
  /** Being tried just now, or by a process that has died: perhaps sent, perhaps not. */
  readonly underway: number;
}

export type CapVerdict = 'goes' | 'too_many' | 'waits';

export function capVerdict({ sent, underway }: UnderCap, most: number): CapVerdict {
  if (sent >= most) return 'too_many';
  return sent + underway >= most ? 'waits' : 'goes';
}

const DAY = 86_400;
const HOUR = 3_600;

/** For the person who asks why it was not sent. */
export function tooMany(most: number, seconds: number): string {
  const [size, unit] = seconds % DAY === 0 ? [DAY, 'day'] : seconds % HOUR === 0 ? [HOUR, 'hour'] : [1, 'second'];
  const count = seconds / size;
  return `at most ${most} within ${count} ${unit}${count === 1 ? '' : 's'}, and that many were sent`;
}
