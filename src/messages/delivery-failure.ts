/** Why one try to send a message failed, told by whoever tried. `retry-schedule.ts` alone draws the conclusion. */
export type FailureKind =
  /** The other side may take it later. */
  | 'temporary'
  /** The other side will never take this message. */
  | 'permanent'
  /** The other side wants no message any more. */
  | 'gone';

export class DeliveryFailure extends Error {
  override readonly name = 'DeliveryFailure';
  readonly kind: FailureKind;
  /** A status or an error code: safe for logs and for people, where an answer may hold an address. */
  readonly brief: string;
  /** Seconds that the other side asked us to wait. */
  readonly retryAfter: number | undefined;
  /** @param answer what the other side said, for the record of tries alone */
  constructor(kind: FailureKind, brief: string, answer: string, retryAfter?: number) {
    super(answer);
    this.kind = kind;
    this.brief = brief;
    this.retryAfter = retryAfter;
  }
}
