import { type RequestHandler, Router } from 'express';
import { z } from 'zod';
import type { Deps } from '../../billing/deps/deps.ts';
import { InvalidInput, parseInvoiceInput } from '../../billing/own-invoices/invoice-input.ts';
import { pageOfInvoices } from '../../billing/own-invoices/invoice-list.ts';
import { findInvoice, type OwnInvoice } from '../../billing/own-invoices/invoices.ts';
import {
  changeDraft,
  createInvoice,
  issueInvoice,
  NoSuchInvoice,
  voidInvoice,
} from '../../billing/own-invoices/manage-invoice.ts';
import { INVOICE_ID } from '../../billing/own-invoices/public-link.ts';
import { dayIn } from '../../platform/business-day.ts';
import { type FieldProblem, problemsOfIssues } from '../../platform/field-problems.ts';
import { cut, printable } from '../../platform/text.ts';
import { ApiError } from './api-error.ts';
import { mayUse } from './authenticate.ts';
import { type Answer, atomicChange, type Call, type Handle, repeatableChange } from './change.ts';
import { presentCreated, presentInvoice, presentList, presentReceipt } from './present-invoice.ts';
import { readBody } from './read-body.ts';

/** `/v1/invoices`: own invoices for the business's own programs. docs/api.md describes it. */
export function invoices(deps: Deps): Router {
  const router = Router();
  const read = mayUse('invoices:read');
  const write = mayUse('invoices:write');

  router.get('/', read, async (request, response) => {
    const { status, search, limit, starting_after: after, ending_before: before } = listQuery(request.query);
    const page = await pageOfInvoices(
      deps.db,
      { status, search },
      { limit, after, before },
      dayIn(deps.timeZone, deps.clock()),
    );
    if (!page)
      throw badList([
        { field: after === undefined ? 'ending_before' : 'starting_after', message: 'is the id of no invoice' },
      ]);
    response.json({ data: await presentList(page.rows, deps), has_more: before ? page.hasBefore : page.hasAfter });
  });
  router.get('/:id', read, anId, async (request, response) => {
    const id = String(request.params.id);
    const invoice = await findInvoice(deps.db, id);
    if (!invoice) throw new NoSuchInvoice(id);
    response.json(await presentInvoice(invoice, deps));
  });
  // Whether the key may is asked before a byte of the body is read.
  router.post('/', write, ...readBody, atomicChange(create, deps));
  router.put('/:id', write, anId, ...readBody, atomicChange(change, deps));
  router.post('/:id/issue', write, anId, ...readBody, atomicChange(issue, deps));
  router.post('/:id/void', write, anId, ...readBody, repeatableChange(markVoid, deps));
  return router;
}

/** Of an id that is none. */
const LONGEST_TOLD = 60;

/** What can't be an id is not looked for. */
const anId: RequestHandler = (request, _response, next) => {
  const id = String(request.params.id);
  next(INVOICE_ID.test(id) ? undefined : new NoSuchInvoice(JSON.stringify(cut(id, LONGEST_TOLD))));
};

const create: Handle = async ({ body, actor, mayRead }, deps) => {
  const { options, rest, problems } = createOptions(body);
  let invoice = await withProblems(problems, rest, () => createInvoice(rest, actor, deps));
  if (options.issue) invoice = await issueInvoice(invoice.id, { mail: options.mail }, deps);
  // What it gave itself it may see, so the link as well: it leads to nothing else.
  return { status: 201, body: await (mayRead ? presentInvoice : presentCreated)(invoice, deps) };
};

const change: Handle = async (call, deps) => changed(await changeDraft(call.id, call.body, deps), call, deps);

const issue: Handle = async (call, deps) => {
  const { mail } = bodyOf(z.strictObject({ mail: flag }), call.body);
  return changed(await issueInvoice(call.id, { mail }, deps), call, deps);
};

const markVoid: Handle = async (call, deps) => {
  const { reason } = bodyOf(z.strictObject({ reason: voidReason }), call.body);
  return changed(await voidInvoice(call.id, call.actor, reason, deps), call, deps);
};

/** To issue an invoice again changes nothing: a key that may only write must not read it that way. */
async function changed(invoice: OwnInvoice, { mayRead }: Call, deps: Deps): Promise<Answer> {
  return { status: 200, body: mayRead ? await presentInvoice(invoice, deps) : presentReceipt(invoice) };
}

const flag = z.boolean('must be true or false').default(false);
const voidReason = z
  .string('is required: why is the invoice void?')
  .overwrite((reason) => printable(reason).trim())
  .min(1, 'is required: why is the invoice void?')
  .max(500, 'may have 500 characters');

const createFlags = z
  .object({ issue: flag, mail: flag })
  .refine(({ issue: issued, mail }) => issued || !mail, { path: ['mail'], message: 'needs "issue": true' });

/** What the body says besides the invoice itself: whether to issue it at once, and to mail it. */
function createOptions(body: unknown) {
  const given = typeof body === 'object' && body !== null && !Array.isArray(body) ? body : {};
  const parsed = createFlags.safeParse(given);
  const rest = Object.fromEntries(Object.entries(given).filter(([name]) => name !== 'issue' && name !== 'mail'));
  const options = parsed.data ?? { issue: false, mail: false };
  return { options, rest, problems: parsed.success ? [] : problemsOf(parsed.error) };
}

/** All that is wrong is told at once. */
async function withProblems<T>(problems: readonly FieldProblem[], input: unknown, work: () => Promise<T>): Promise<T> {
  if (problems.length === 0) return work();
  try {
    parseInvoiceInput(input);
  } catch (error) {
    if (error instanceof InvalidInput) throw new InvalidInput([...problems, ...error.problems]);
    throw error;
  }
  throw new InvalidInput(problems);
}

const query = z
  .strictObject({
    status: z
      .enum(['draft', 'issued', 'paid', 'void', 'overdue'], 'must be draft, issued, paid, void or overdue')
      .optional(),
    search: z
      .string('must be given once')
      .trim()
      .max(200, 'may have 200 characters')
      .refine((text) => !text.includes('\0'), 'holds a character that is no text')
      .optional(),
    limit: z.coerce
      .number('must be 1 to 100')
      .int('must be 1 to 100')
      .min(1, 'must be 1 to 100')
      .max(100, 'must be 1 to 100')
      .default(20),
    starting_after: z.string('must be given once').optional(),
    ending_before: z.string('must be given once').optional(),
  })
  .refine(({ starting_after: after, ending_before: before }) => after === undefined || before === undefined, {
    path: ['ending_before'],
    message: 'can’t be asked for together with starting_after',
  });

function listQuery(given: unknown): z.output<typeof query> {
  const parsed = query.safeParse(given);
  if (parsed.success) return parsed.data;
  throw badList(problemsOf(parsed.error));
}

function badList(problems: readonly FieldProblem[]): ApiError {
  return new ApiError(400, 'The list can’t be asked for like this.', { problems });
}

/** @throws InvalidInput; no body at all counts as an empty object */
function bodyOf<S extends z.ZodType>(schema: S, body: unknown): z.output<S> {
  const parsed = schema.safeParse(body ?? {});
  if (parsed.success) return parsed.data;
  throw new InvalidInput(problemsOf(parsed.error));
}

function problemsOf({ issues }: z.ZodError): readonly FieldProblem[] {
  return problemsOfIssues(issues, 'is not known here');
}
