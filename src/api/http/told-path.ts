import type { Request } from 'express';
import { redactText } from '../../platform/redaction.ts';
import { cut } from '../../platform/text.ts';

const LONGEST = 200;

/**
 * The path of a request for the log: without its query, which may hold a name or an address, and without the link of an
 * invoice, which is a key. As the router reads it: in any case, and also where the whole address stands in the request line.
 */
export function toldPath(request: Pick<Request, 'originalUrl'>): string {
  const [path = ''] = request.originalUrl.replace(/^[a-z][a-z0-9+.-]*:\/\/[^/?#]*/i, '').split(/[?#]/, 1);
  // What is cut in two has no form any more by which the log would know it.
  return cut(redactText(path.replace(/^\/+i\/.*/i, '/i/...')), LONGEST);
}
