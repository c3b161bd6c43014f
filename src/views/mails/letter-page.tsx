import type { VNode } from 'preact';
import { type Business, detailLines } from '../../platform/business.ts';
import type { Locale } from '../../platform/locale.ts';
import type { Row, WordLines, Words } from '../../platform/words.ts';

/**
 * A letter as HTML. Styles are inline and layout is tables, which is what mail programs understand; there are no pictures
 * and nothing that tells whether it was opened.
 */
export interface LetterPageProps {
  readonly words: Words;
  readonly business: Business;
  readonly locale: Locale;
}

const INK = '#1b2130';
const SOFT = '#555e72';
const LINE = '#dfe2ea';
const ACCENT = '#2747c7';
const FONT = 'system-ui, -apple-system, "Segoe UI", Roboto, "Helvetica Neue", Arial, sans-serif';
const PARAGRAPH = { margin: '0 0 16px' };

export function LetterPage({ words, business, locale }: LetterPageProps): VNode {
  const { subject, opening, lines, facts = [], link, closing = [] } = words;
  return (
    <html lang={locale}>
      <head>
        <meta charset="utf-8" />
        <meta name="viewport" content="width=device-width, initial-scale=1" />
        <meta name="color-scheme" content="light" />
        <title>{subject}</title>
      </head>
      <body style={{ margin: 0, padding: 0, background: '#f3f4f7', color: INK, font: `16px/1.5 ${FONT}` }}>
        <table role="presentation" width="100%" cellspacing="0" cellpadding="0" style={{ background: '#f3f4f7' }}>
          <tr>
            <td align="center" style={{ padding: '24px 12px' }}>
              <table role="presentation" width="100%" cellspacing="0" cellpadding="0" style={CARD}>
                <tr>
                  <td style={{ padding: '32px 28px', color: INK, font: `16px/1.5 ${FONT}` }}>
                    <h1 style={{ margin: '0 0 24px', fontSize: '20px', fontWeight: 700 }}>{business.name}</h1>
                    {opening.map((paragraph) => (
                      <p key={paragraph} style={PARAGRAPH}>
                        {paragraph}
                      </p>
                    ))}
                    {lines ? <Lines {...lines} /> : null}
                    {facts.length > 0 ? <Facts facts={facts} /> : null}
                    {link ? <LinkTo {...link} /> : null}
                    {closing.map((paragraph) => (
                      <p key={paragraph} style={{ ...PARAGRAPH, whiteSpace: 'pre-line' }}>
                        {paragraph}
                      </p>
                    ))}
                    <Sender business={business} />
                  </td>
                </tr>
              </table>
            </td>
          </tr>
        </table>
      </body>
    </html>
  );
}

const CARD = { maxWidth: '600px', background: '#ffffff', border: `1px solid ${LINE}`, borderRadius: '12px' };
const BUTTON = {
  display: 'inline-block',
  padding: '12px 22px',
  background: ACCENT,
  color: '#ffffff',
  borderRadius: '6px',
  fontWeight: 700,
  textDecoration: 'none',
};

function Lines({ heading, lines, sums, total }: WordLines): VNode {
  return (
    <table width="100%" cellspacing="0" cellpadding="0" style={{ margin: '8px 0 24px', borderCollapse: 'collapse' }}>
      <thead>
        <CellRow row={heading} style={{ color: SOFT, fontSize: '14px', borderBottom: '1px solid #868ea0' }} header />
      </thead>
      <tbody>
        {lines.map((row, position) => (
          <CellRow key={position} row={row} style={{ borderBottom: `1px solid ${LINE}` }} />
        ))}
        {sums.map((row) => (
          <CellRow key={row.name} row={row} style={{ color: SOFT }} />
        ))}
        <CellRow row={total} style={{ fontSize: '18px', fontWeight: 700 }} />
      </tbody>
    </table>
  );
}

interface CellRowProps {
  readonly row: Row;
  readonly style: Readonly<Record<string, string | number>>;
  readonly header?: boolean;
}

function CellRow({ row, style, header = false }: CellRowProps): VNode {
  const Cell = header ? 'th' : 'td';
  const scope = header ? { scope: 'col' as const } : {};
  const cell = { padding: '8px 0', verticalAlign: 'top', ...style };
  return (
    <tr>
      <Cell {...scope} align="left" style={{ ...cell, paddingRight: '16px', whiteSpace: 'pre-line' }}>
        {row.name}
      </Cell>
      <Cell {...scope} align="right" style={{ ...cell, whiteSpace: 'nowrap' }}>
        {row.value}
      </Cell>
    </tr>
  );
}

function Facts({ facts }: { readonly facts: readonly Row[] }): VNode {
  return (
    <table cellspacing="0" cellpadding="0" style={{ borderCollapse: 'collapse' }}>
      {facts.map(({ name, value }) => (
        <tr key={name}>
          <th scope="row" align="left" style={{ padding: '2px 24px 2px 0', color: SOFT, fontWeight: 400 }}>
            {name}
          </th>
          <td style={{ padding: '2px 0', overflowWrap: 'anywhere' }}>{value}</td>
        </tr>
      ))}
    </table>
  );
}

function Sender({ business }: { readonly business: Business }): VNode {
  return (
    <p
      style={{ margin: '24px 0 0', paddingTop: '16px', borderTop: `1px solid ${LINE}`, color: SOFT, fontSize: '14px' }}
    >
      {business.name}
      {detailLines(business).map((line) => (
        <span key={line}>
          <br />
          {line}
        </span>
      ))}
    </p>
  );
}

function LinkTo({ url, text }: NonNullable<Words['link']>): VNode {
  return (
    <>
      <p style={{ margin: '24px 0 12px' }}>
        <a href={url} style={BUTTON}>
          {text}
        </a>
      </p>
      <p style={{ margin: '0 0 24px', color: SOFT, fontSize: '14px', overflowWrap: 'anywhere' }}>
        Or open this address:{' '}
        <a href={url} style={{ color: ACCENT }}>
          {url}
        </a>
      </p>
    </>
  );
}
