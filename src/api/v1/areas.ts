import { bug } from '../../platform/errors.ts';

/** What /v1 is about: the first word of each path, and how the description groups the endpoints. */
export const AREAS = {
  customers: 'What somebody may use, has subscribed to and has paid, by the reference that he has in the application.',
  access: 'The same of many at once.',
  checkouts: 'Pages at Stripe on which somebody of the application pays.',
  subscriptions: 'How a subscription stands, and what can be done about it.',
  invoices: 'Own invoices: drafts, until they are issued, paid or void.',
} as const;

export type Area = keyof typeof AREAS;

/** Below /v1, in the form of Express: `/invoices/:id`. */
export type EndpointPath = `/${Area}` | `/${Area}/${string}`;

export function areaOf(path: EndpointPath): Area {
  const [, first = ''] = path.split('/');
  return isArea(first) ? first : bug(`${path} belongs to no area`);
}

function isArea(word: string): word is Area {
  return Object.hasOwn(AREAS, word);
}
