/**
 * Opens the simulator's hosted Checkout page, takes its form as it stands and presses *Pay*, as a browser would.
 * Returns where the browser is sent: the shop's page of thanks.
 */
export async function payOnPage(url: string): Promise<string> {
  const page = await fetch(url);
  const html = await page.text();
  if (!page.ok) throw new Error(`The Checkout page answered ${page.status}: ${html.slice(0, 300)}`);
  const form = forms(html).find(({ button }) => button !== undefined);
  if (form?.button === undefined) throw new Error(`The Checkout page has no form with a button that pays: ${url}`);
  const fields = new URLSearchParams(form.fields);
  if (form.button.name) fields.set(form.button.name, form.button.value);
  // A redirect is the answer here, not something to follow: the shop of the demo has no page.
  const answer = await fetch(new URL(form.action, url), { method: 'POST', body: fields, redirect: 'manual' });
  const target = answer.headers.get('location');
  if (target === null)
    throw new Error(`Paying on the page answered ${answer.status}: ${(await answer.text()).slice(0, 300)}`);
  return target;
}

type Form = { action: string; fields: [string, string][]; button: { name: string; value: string } | undefined };

/** The forms of a page with the fields that a browser would send untouched, and the button that pays. */
function forms(html: string): Form[] {
  return [...html.matchAll(/<form\b([^>]*)>([\s\S]*?)<\/form>/gi)].map(([, head = '', body = '']) => ({
    action: attribute(head, 'action'),
    fields: [...body.matchAll(/<input\b([^>]*)>/gi)].flatMap(([, input = '']): [string, string][] => {
      const name = attribute(input, 'name');
      const unchecked = /^(radio|checkbox)$/.test(attribute(input, 'type')) && !/\bchecked\b/.test(input);
      return name === '' || unchecked ? [] : [[name, attribute(input, 'value')]];
    }),
    button: [...body.matchAll(/<button\b([^>]*)>([\s\S]*?)<\/button>/gi)]
      .filter(([, , label = '']) => /^\s*pay\b/i.test(label.replace(/<[^>]*>/g, '')))
      .map(([, own = '']) => ({ name: attribute(own, 'name'), value: attribute(own, 'value') }))[0],
  }));
}

function attribute(tag: string, name: string): string {
  const found = new RegExp(`\\b${name}="([^"]*)"`, 'i').exec(tag)?.[1] ?? '';
  return found.replaceAll('&quot;', '"').replaceAll('&lt;', '<').replaceAll('&gt;', '>').replaceAll('&amp;', '&');
}
