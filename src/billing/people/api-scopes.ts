/** THE LIST of what an API key may be allowed to do. */
export const API_SCOPES = [
  'invoices:read',
  'invoices:write',
  'access:read',
  'checkouts:write',
  'subscriptions:read',
  'subscriptions:write',
] as const;
export type ApiScope = (typeof API_SCOPES)[number];

export function isApiScope(scope: string): scope is ApiScope {
  return API_SCOPES.some((known) => known === scope);
}

/** What lets a key read the things that this scope lets it write; undefined where nothing does. */
export function readingScopeOf(scope: ApiScope): ApiScope | undefined {
  const [area] = scope.split(':');
  return API_SCOPES.find((known) => known === `${area}:read`);
}
