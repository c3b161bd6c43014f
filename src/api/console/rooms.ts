import type { Annex, Room } from './frame/room.ts';
import { access } from './rooms/access.tsx';
import { accessOf } from './rooms/access-of.tsx';
import { account } from './rooms/account.tsx';
import { checkouts } from './rooms/checkouts.tsx';
import { editDraft } from './rooms/edit-draft.tsx';
import { event } from './rooms/event.tsx';
import { invoice } from './rooms/invoice.tsx';
import { invoices } from './rooms/invoices.tsx';
import { message } from './rooms/message.tsx';
import { messages } from './rooms/messages.tsx';
import { newDraft } from './rooms/new-draft.tsx';
import { overview } from './rooms/overview.tsx';
import { payment } from './rooms/payment.tsx';
import { queues } from './rooms/queues.ts';
import { recoveries } from './rooms/recoveries.tsx';
import { recovery } from './rooms/recovery.tsx';
import { review } from './rooms/review.tsx';
import { reviews } from './rooms/reviews.tsx';
import { subscription } from './rooms/subscription.tsx';
import { subscriptionChange } from './rooms/subscription-change.tsx';
import { subscriptions } from './rooms/subscriptions.tsx';
import { systems } from './rooms/systems.tsx';

/** THE LIST: the rooms of the console, those with a name in the menu in its order. */
export const rooms: readonly (Room | Annex)[] = [
  overview,
  invoices,
  invoice,
  newDraft,
  editDraft,
  subscriptions,
  subscription,
  checkouts,
  recoveries,
  recovery,
  subscriptionChange,
  reviews,
  review,
  access,
  accessOf,
  messages,
  message,
  payment,
  event,
  systems,
  queues,
  account,
];
