/** What a page says after a form was sent, by the code in its address: the text itself never comes from there. */
export const FLASHES: Readonly<Record<string, string>> = {
  created: 'The draft is saved.',
  changed: 'The draft is changed.',
  issued: 'The invoice is issued. Send its link to the customer.',
  sent: 'The invoice is issued, and a mail with its link is on its way to the customer.',
  voided: 'The invoice is void. It can’t be paid any more.',
  renewed: 'The invoice has a new link. The old one leads nowhere now.',
  decided: 'Decided. What was chosen is done.',
  password: 'Your password is changed. You are signed out everywhere else.',
  replayed: 'The message goes out once more.',
};
