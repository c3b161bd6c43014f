import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import { text } from 'node:stream/consumers';
import { behaviourOf } from './behaviour.ts';
import type { Mails } from './mails.ts';
import { listPage, mailPage } from './pages.ts';
import type { Smtp } from './smtp.ts';

/**
 * What the mail catcher answers over HTTP: pages for people, JSON for programs, and the switch for how the SMTP server
 * behaves.
 */
const POLICY =
  "default-src 'none'; style-src 'unsafe-inline'; img-src data:; form-action 'self'; frame-ancestors 'none'";

export function door(mails: Mails, smtp: Smtp): Server {
  return createServer((request, response) => {
    answer(request, response, mails, smtp).catch((error: unknown) => json(response, 500, { error: String(error) }));
  });
}

async function answer(request: IncomingMessage, response: ServerResponse, mails: Mails, smtp: Smtp): Promise<void> {
  const { pathname } = new URL(request.url ?? '/', 'http://localhost');
  const [, id, ending] = /^\/mails\/(\d+)(\.html)?$/.exec(pathname) ?? [];
  switch (`${request.method} ${id ? '/mails/:id' : pathname}`) {
    case 'GET /':
      return html(response, listPage(mails.all()));
    case 'GET /mails':
      return json(response, 200, { mails: mails.all() });
    case 'GET /mails/:id': {
      const mail = mails.find(Number(id));
      if (!mail) return json(response, 404, { error: 'there is no such mail (any more)' });
      return ending ? html(response, mailPage(mail)) : json(response, 200, mail);
    }
    case 'DELETE /mails':
      mails.clear();
      return json(response, 200, { mails: [] });
    case 'POST /clear':
      mails.clear();
      response.writeHead(303, { location: '/' }).end();
      return;
    case 'GET /behaviour':
      return json(response, 200, smtp.behaviour);
    case 'PUT /behaviour': {
      const behaviour = behaviourOf(parsed(await text(request)));
      if (!behaviour)
        return json(response, 400, {
          error: 'answer: accept, temporary, permanent or hang; at: greeting, recipient or data',
        });
      smtp.behave(behaviour);
      return json(response, 200, behaviour);
    }
    default:
      return json(response, 404, { error: 'not found' });
  }
}

function parsed(body: string): unknown {
  try {
    return JSON.parse(body);
  } catch {
    return undefined;
  }
}

function html(response: ServerResponse, body: string): void {
  response.writeHead(200, { 'content-type': 'text/html; charset=utf-8', 'content-security-policy': POLICY }).end(body);
}

function json(response: ServerResponse, status: number, body: unknown): void {
  response.writeHead(status, { 'content-type': 'application/json' }).end(JSON.stringify(body));
}
