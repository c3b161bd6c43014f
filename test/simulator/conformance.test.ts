import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { StripeError } from '../../simulator/core/errors.ts';
import type { Shape } from '../../simulator/core/params.ts';
import type { Route } from '../../simulator/core/routes.ts';
import { resources } from '../../simulator/resources.ts';
import { orWhySkipped } from '../support/why-skipped.ts';

const contract = process.env.STRIPE_CONTRACT_DIR;
const lacking = contract === undefined ? 'STRIPE_CONTRACT_DIR names no description of the Stripe API' : undefined;

interface Schema {
  $ref?: string;
  allOf?: Schema[];
  anyOf?: Schema[];
  items?: Schema;
  properties?: Record<string, Schema>;
}

interface Operation {
  parameters: { name: string; in: string; schema: Schema }[];
  requestBody?: { content: Record<string, { schema: Schema }> };
}

interface Api {
  paths: Record<string, Record<string, Operation>>;
  components: { schemas: Record<string, Schema> };
}

/** Routes that the description does not have, and why they are there. */
const undocumented = new Map([
  ['GET /v1/payment_pages/{id}', 'what the Stripe CLI does to pay a session'],
  ['POST /v1/payment_pages/{id}/confirm', 'what the Stripe CLI does to pay a session'],
  ['GET /v2/core/events/{id}', 'thin events'],
  ['GET /v1/setup_intents', 'the description stops at the object'],
  ['POST /v1/setup_intents', 'the description stops at the object'],
  ['GET /v1/setup_intents/{id}', 'the description stops at the object'],
  ['POST /v1/setup_intents/{id}/confirm', 'the description stops at the object'],
  ['POST /v1/setup_intents/{id}/cancel', 'the description stops at the object'],
  ['GET /v1/subscription_schedules', 'the description stops at the object'],
  ['POST /v1/subscription_schedules', 'the description stops at the object'],
  ['GET /v1/subscription_schedules/{id}', 'the description stops at the object'],
  ['POST /v1/subscription_schedules/{id}', 'the description stops at the object'],
  ['POST /v1/subscription_schedules/{id}/release', 'the description stops at the object'],
  ['POST /v1/subscription_schedules/{id}/cancel', 'the description stops at the object'],
]);

const nameOf = ({ method, template }: Route): string => `${method} ${template}`;

/** Some routes of Stripe answer only that they are not simulated. */
function isServed({ prepare }: Route): boolean {
  try {
    prepare(new Map(), new Map(), true);
    return true;
  } catch (error) {
    return !(error instanceof StripeError && error.details.code === 'endpoint_not_simulated');
  }
}

const routes = resources
  .flatMap((resource) => resource.routes)
  .filter((route) => isServed(route) && !undocumented.has(nameOf(route)));

describe.skipIf(lacking)(orWhySkipped('the routes of the simulated Stripe', lacking), () => {
  const api: Api =
    contract === undefined
      ? { paths: {}, components: { schemas: {} } }
      : JSON.parse(readFileSync(join(contract, 'api.json'), 'utf8'));

  /** The properties of an object, of the elements of a list, of any alternative; none for plain values. */
  function propertiesOf(schema: Schema | undefined): Record<string, Schema> {
    if (schema === undefined) return {};
    if (schema.$ref !== undefined) return propertiesOf(api.components.schemas[schema.$ref.split('/').at(-1) ?? '']);
    const parts = [
      ...(schema.allOf ?? []),
      ...(schema.anyOf ?? []),
      ...(schema.items === undefined ? [] : [schema.items]),
    ];
    return Object.assign({}, ...parts.map(propertiesOf), schema.properties);
  }

  /** Names that only one of the two sides has, at any depth that the simulator reads. */
  function differences(shape: Shape, properties: Record<string, Schema>, path = ''): string[] {
    const missing = Object.keys(properties).filter((name) => !Object.hasOwn(shape, name));
    const invented = Object.keys(shape).filter((name) => !Object.hasOwn(properties, name));
    const below = Object.entries(shape).flatMap(([name, { nested }]) =>
      nested === undefined ? [] : differences(nested, propertiesOf(properties[name]), `${path}${name}.`),
    );
    return [...missing.map((name) => `−${path}${name}`), ...invented.map((name) => `+${path}${name}`), ...below];
  }

  it('are all in the description of Stripe, but for those that are named here', () => {
    const known = new Set(Object.keys(api.paths).map((path) => path.replace(/\{\w+\}/g, '{}')));
    const foreign = resources
      .flatMap((resource) => resource.routes)
      .filter(({ template }) => !known.has(template.replace(/\{\w+\}/g, '{}')));
    expect(foreign.map(nameOf).toSorted()).toEqual([...undocumented.keys()].toSorted());
  });

  it.each(routes.map((route) => [nameOf(route), route] as const))(
    '%s takes exactly the parameters that Stripe does',
    (_name, { method, template, parameters }) => {
      const shape = template.replace(/\{\w+\}/g, '{}');
      const path = Object.keys(api.paths).find((candidate) => candidate.replace(/\{\w+\}/g, '{}') === shape);
      const operation = api.paths[path ?? '']?.[method.toLowerCase()];
      expect(operation).toBeDefined();
      const query = operation?.parameters.filter((one) => one.in === 'query').map(({ name, schema }) => [name, schema]);
      const body = propertiesOf(operation?.requestBody?.content['application/x-www-form-urlencoded']?.schema);
      const { expand: _, ...documented } = { ...Object.fromEntries(query ?? []), ...body };
      expect(differences(parameters ?? {}, documented)).toEqual([]);
    },
  );
});
