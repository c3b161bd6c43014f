import { createHash } from 'node:crypto';
import { baseStyles } from './styles/base.ts';
import { consoleStyles } from './styles/console.ts';
import { invoiceStyles } from './styles/invoice.ts';

/** The one style sheet: pages for customers, the console and the login. Light and dark, no web fonts, no scripts. */
export const styleSheet = [baseStyles, invoiceStyles, consoleStyles].join('\n');

/** Another content has another address, so browsers may keep it. */
export const styleSheetPath = `/assets/quittance.css?v=${createHash('sha256').update(styleSheet).digest('hex').slice(0, 12)}`;
