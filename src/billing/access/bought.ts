import type { AccessPolicy, PurchaseRule } from '../policy/access.ts';
import { someMatch } from '../policy/eligibility-rules.ts';
import type { Purchase } from './purchase.ts';

/** What a purchase comes to by the policy, pure: every rule that fits counts. */
export function boughtWith(purchase: Purchase, { purchases }: AccessPolicy): PurchaseRule[] {
  return purchases.filter(({ when }) => fits(when, purchase));
}

function fits(when: PurchaseRule['when'], { items, metadata, description }: Purchase): boolean {
  const told = (texts: readonly (string | null | undefined)[]) => texts.flatMap((text) => text ?? []);
  const one = <Written extends string | string[]>(written: Written | undefined, texts: readonly string[]) =>
    written === undefined || someMatch(texts, written);
  return (
    one(when.product, told(items.map((item) => item.product))) &&
    one(when.price, told(items.map((item) => item.price))) &&
    one(when.description, told([description, ...items.map((item) => item.description)])) &&
    Object.entries(when.metadata ?? {}).every(([key, written]) => someMatch(told([metadata[key]]), written))
  );
}
