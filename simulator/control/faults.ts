import { type ControlRoute, control } from '../core/control.ts';
import { faultKinds } from '../core/faults.ts';
import { decimal, int, oneOf, required, string } from '../core/params.ts';

export const faultRoutes: readonly ControlRoute[] = [
  control('GET', '/_sim/faults', {}, ({ account }) => ({ faults: account.faults.list() })),
  control(
    'POST',
    '/_sim/faults',
    {
      kind: required(oneOf(...faultKinds)),
      path: required(string()),
      method: oneOf('GET', 'POST', 'DELETE'),
      count: int({ min: 1 }),
      skip: int({ min: 0 }),
      rate: decimal({ min: 0, max: 1 }),
      seed: int(),
      ms: int({ min: 0 }),
      where: oneOf('before', 'after', 'split'),
      status: int({ min: 500, max: 599 }),
    },
    ({ account }, rule) => ({ id: account.faults.add(rule) }),
  ),
  control('DELETE', '/_sim/faults', {}, ({ account }) => {
    account.faults.clear();
    return { cleared: true };
  }),
  control('DELETE', '/_sim/faults/{id}', {}, ({ account }, _params, { id }) => ({
    removed: account.faults.remove(id),
  })),
];
