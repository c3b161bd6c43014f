import { faultKinds } from '../core/faults.ts';
import { decimal, int, oneOf, required, string } from '../core/params.ts';
import { type ControlRoute, control } from './control-route.ts';

export const faultRoutes: readonly ControlRoute[] = [
  control('GET', '/_sim/faults', {}, (world) => ({ faults: world.faults.list() })),
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
    (world, rule) => ({ id: world.faults.add(rule) }),
  ),
  control('DELETE', '/_sim/faults', {}, (world) => {
    world.faults.clear();
    return { cleared: true };
  }),
  control('DELETE', '/_sim/faults/{id}', {}, (world, _params, { id }) => ({ removed: world.faults.remove(id) })),
];
