import { LONGEST_REFERENCE } from '../../billing/access/reference.ts';
import { ApiError } from './api-error.ts';
import type { IdRule } from './endpoint.ts';

/** Somebody of the application, in the address: `/customers/:id`. */
export const referenceId: IdRule = {
  pattern: /^[^\p{Cc}]{1,200}$/u,
  example: 'user-17',
  missing: () => new ApiError('not_found', `A reference has 1 to ${LONGEST_REFERENCE} characters.`),
};
