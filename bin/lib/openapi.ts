import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { endpoints } from '../../src/api/v1/endpoints.ts';
import { openApiOf } from '../../src/api/v1/openapi.ts';
import { checkout } from './checkout.ts';

/** Writes docs/openapi.json anew: `npm run openapi`, after a change of the endpoints of /v1. */
writeFileSync(join(checkout, 'docs/openapi.json'), `${JSON.stringify(openApiOf(endpoints), null, 2)}\n`);
