import { privateLiteral } from './private-address.ts';

/**
 * Whether a URL may become an endpoint, pure. Where its name leads to is looked at again at every try; here whoever
 * enters it is told at once.
 * @returns what is wrong with it, in a sentence
 */
export function endpointUrlProblem(text: string, allowPrivate: boolean): string | undefined {
  if (!URL.canParse(text)) return `${text} is not a URL.`;
  const url = new URL(text);
  if (url.protocol !== 'https:' && !(allowPrivate && url.protocol === 'http:')) {
    return `${url.protocol}// is refused: events must travel over https (or set ALLOW_PRIVATE_WEBHOOKS=on for tests).`;
  }
  if (url.username || url.password) {
    return 'A URL with a name or password in it is refused: receivers verify the signature instead.';
  }
  if (url.hash) return 'A URL with a # is refused: that part is never sent.';
  if (allowPrivate) return undefined;
  const host = url.hostname.replace(/\.$/, '');
  if (host === 'localhost' || host.endsWith('.localhost')) return `${host} is this machine: it is refused.`;
  return privateLiteral(host);
}
