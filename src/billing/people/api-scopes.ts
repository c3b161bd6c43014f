/** THE LIST of what an API key may be allowed to do. */
export const API_SCOPES = [
  'invoices:read',
  'invoices:write',
  'access:read',
  'checkouts:write',
  'subscriptions:write',
] as const;
export type ApiScope = (typeof API_SCOPES)[number];

export function isApiScope(scope: string): scope is ApiScope {
  return API_SCOPES.some((known) => known === scope);
}
