export type Buyer = { name: string; email: string; country: string };

/**
 * Opens the simulator's hosted Checkout page, fills in its form and presses the first button, the card that works, as a
 * browser would. Returns where the browser is sent: the shop's page of thanks.
 */
export async function payOnPage(url: string, buyer: Buyer): Promise<string> {
  return pressButton(url, { ...buyer });
}

/**
 * Opens a page, fills in its form (every box is ticked) and presses its first button. Returns the address that the browser
 * is sent to, and does not go there: the shop of the demo has no page.
 */
export async function pressButton(url: string, typed: Record<string, string> = {}): Promise<string> {
  const page = await fetch(url);
  const html = await page.text();
  if (!page.ok) throw new Error(`${url} answered ${page.status}: ${html.slice(0, 300)}`);
  const [, head = '', form = ''] = /<form\b([^>]*method="post"[^>]*)>([\s\S]*?)<\/form>/i.exec(html) ?? [];
  const [, button] = /<button\b([^>]*)>/i.exec(form) ?? [];
  if (button === undefined) throw new Error(`There is nothing to press on ${url}`);
  const fields = new URLSearchParams();
  for (const [, input = ''] of form.matchAll(/<input\b([^>]*)>/gi)) {
    const name = attribute(input, 'name');
    fields.append(name, typed[name] ?? attribute(input, 'value'));
  }
  if (attribute(button, 'name')) fields.set(attribute(button, 'name'), attribute(button, 'value'));
  const action = new URL(attribute(head, 'action') || url, url);
  const answer = await fetch(action, { method: 'POST', body: fields, redirect: 'manual' });
  const target = answer.headers.get('location');
  if (target === null) {
    throw new Error(`The form of ${url} answered ${answer.status} without a redirect: ${await answer.text()}`);
  }
  return new URL(target, url).href;
}

/** Values are plain words here; the few characters that HTML escapes are undone. */
function attribute(tag: string, name: string): string {
  const found = new RegExp(`\\b${name}="([^"]*)"`, 'i').exec(tag)?.[1] ?? '';
  return found.replaceAll('&quot;', '"').replaceAll('&lt;', '<').replaceAll('&gt;', '>').replaceAll('&amp;', '&');
}
