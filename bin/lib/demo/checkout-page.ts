export type Buyer = { name: string; email: string; country: string };

/**
 * Opens the simulator's hosted Checkout page, fills in its form and presses the first button, the card that works, as a
 * browser would. Returns where the browser is sent: the shop's page of thanks.
 */
export async function payOnPage(url: string, buyer: Buyer): Promise<string> {
  const page = await fetch(url);
  const html = await page.text();
  if (!page.ok) throw new Error(`The Checkout page answered ${page.status}: ${html.slice(0, 300)}`);
  const [, form = ''] = /<form\b[^>]*method="post"[^>]*>([\s\S]*?)<\/form>/i.exec(html) ?? [];
  const [, button = ''] = /<button\b([^>]*)>/i.exec(form) ?? [];
  if (!button) throw new Error(`The Checkout page has no form that pays: ${url}`);
  const fields = new URLSearchParams();
  for (const [, input = ''] of form.matchAll(/<input\b([^>]*)>/gi)) {
    const name = attribute(input, 'name');
    const typed = Object.entries(buyer).find(([field]) => field === name)?.[1];
    fields.set(name, typed ?? attribute(input, 'value'));
  }
  fields.set(attribute(button, 'name'), attribute(button, 'value'));
  // A redirect is the answer here, not something to follow: the shop of the demo has no page.
  const answer = await fetch(url, { method: 'POST', body: fields, redirect: 'manual' });
  const target = answer.headers.get('location');
  if (target === null) throw new Error(`Paying answered ${answer.status} without a redirect: ${await answer.text()}`);
  return target;
}

/** Values are plain words here; the few characters that HTML escapes are undone. */
function attribute(tag: string, name: string): string {
  const found = new RegExp(`\\b${name}="([^"]*)"`, 'i').exec(tag)?.[1] ?? '';
  return found.replaceAll('&quot;', '"').replaceAll('&lt;', '<').replaceAll('&gt;', '>').replaceAll('&amp;', '&');
}
