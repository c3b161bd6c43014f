import type { Done } from './deed.ts';

/** How a subscription stands after a deed, in a sentence; pure. @param at how a moment is written */
export function doneInWords(done: Done, at: (moment: Date) => string): string {
  switch (done.is) {
    case 'ended':
      return 'It has ended.';
    case 'ends':
      return `It ends ${at(done.at)}, and gives until then what it gives now.`;
    case 'goes_on':
      return 'It goes on.';
    case 'waits_for_payment':
      return `It goes on when invoice ${done.invoice} is paid${done.url === null ? '' : `: ${done.url}`}`;
    case 'collection_paused':
      return done.until === null
        ? 'Its invoices are not collected until somebody ends that.'
        : `Its invoices are not collected until ${at(done.until)}.`;
    case 'paused':
      return 'It is paused: it gives nothing, and no invoices are made, until it is resumed.';
  }
}
