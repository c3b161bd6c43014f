import type { CookieOptions, Request, Response } from 'express';

/**
 * The cookies of the console. Over https their names begin with `__Host-`, which a browser takes from this very host alone
 * and for no other. Over plain http (on loopback) a sibling host or another path may set one of the same name beside ours:
 * so every value that was sent counts, and ours is among them.
 */
export interface Cookie {
  /** Every value that the browser sent under this name. */
  valuesIn(request: Request): string[];
  set(response: Response, value: string): void;
  clear(response: Response): void;
}

export function cookie(name: string, { secure, seconds }: { secure: boolean; seconds: number }): Cookie {
  const fullName = secure ? `__Host-${name}` : name;
  const options: CookieOptions = {
    httpOnly: true,
    sameSite: 'strict',
    secure,
    // The prefix demands the path of the whole host.
    path: secure ? '/' : '/console',
    maxAge: seconds * 1000,
  };
  return {
    valuesIn(request) {
      return (request.headers.cookie ?? '').split(';').flatMap((part) => {
        const [sent, value] = part.trim().split('=');
        return sent === fullName && value ? [value] : [];
      });
    },
    set(response, value) {
      response.cookie(fullName, value, options);
    },
    clear(response) {
      response.clearCookie(fullName, { ...options, maxAge: 0 });
    },
  };
}
