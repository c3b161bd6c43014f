import type { RequestHandler } from 'express';
import helmet from 'helmet';

/** What a page of ours may load and lead to; everything else is refused by the browser. */
export const CONTENT_POLICY = {
  defaultSrc: ["'none'"],
  styleSrc: ["'self'"],
  imgSrc: ["'self'", 'data:'],
  formAction: ["'self'"],
  frameAncestors: ["'none'"],
  baseUri: ["'none'"],
};

/** For pages that need another one. @param instead by directive */
export function contentPolicy(instead: Readonly<Record<string, string[]>>): RequestHandler {
  return helmet.contentSecurityPolicy({ useDefaults: false, directives: { ...CONTENT_POLICY, ...instead } });
}
