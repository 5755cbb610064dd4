import { simpleParser } from 'mailparser';
import PostalMime from 'postal-mime';
import { describe, expect, it } from 'vitest';
import { freezeMail, type Material } from '../../main/engine/compose/freeze.ts';
import { parseMailto } from '../../main/engine/compose/mailto.ts';
import { startAnswer, startNew, type OriginalMail, type StartedDraft } from '../../main/engine/compose/start-draft.ts';
import { withBcc } from '../../main/engine/store/bcc-header.ts';
import type { Account } from '../../shared/model/account.ts';
import { MailError } from '../../shared/errors.ts';
import { asEntryId } from '../../shared/model/ids.ts';
import { emptyContent, fileOf, testAccount } from '../support/draft-random.ts';
import { reportFigure } from '../support/figures.ts';
import { seededRandom } from '../support/random.ts';

const CONTROLS = { CRLF: '\r\n', CR: '\r', LF: '\n', NUL: '\0', 'U+2028': '\u2028' };
const NOW = Date.UTC(2026, 10, 28);
const NO_THREAD = { inReplyTo: null, references: [] };
const HEADER = new Set([
  'from',
  'to',
  'cc',
  'bcc',
  'subject',
  'message-id',
  'in-reply-to',
  'references',
  'date',
  'mime-version',
  'content-type',
  'content-transfer-encoding',
]);
const good = { name: 'Good', address: 'good@example.org' };

const account = (change: Record<string, unknown> = {}): Account => {
  const made = testAccount();
  return { ...made, config: { ...made.config, ...change } } as Account;
};
const material = (change: Partial<Material>): Material => ({
  account: account(),
  content: emptyContent({ to: [good] }),
  files: [],
  thread: NO_THREAD,
  ...change,
});
const content = (change: Parameters<typeof emptyContent>[0]): Material => material({ content: emptyContent({ to: [good], ...change }) });
const original = (change: Partial<OriginalMail>): OriginalMail => ({
  ...{ entryId: asEntryId(1), from: [good], replyTo: [], to: [good], cc: [], subject: 's', date: NOW, html: null, text: 't' },
  ...{ messageId: '<a@example.org>', inReplyTo: null, references: [] },
  ...change,
});
const started = ({ content: of, thread }: StartedDraft): Material =>
  material({ content: { ...of, to: of.to.length > 0 ? of.to : [good] }, thread });
const answer = (
  change: Partial<OriginalMail>,
  kind: 'reply' | 'reply-all' | 'forward' = 'reply',
  format: 'rich' | 'plain' = 'plain',
  of = account(),
): Material => started(startAnswer(original(change), { account: of, kind, format, own: new Set(), locale: 'en', image: () => null }));
const link = (query: string): Material => started(startNew(account(), parseMailto(`mailto:${query}`)));
const url = encodeURIComponent;

/** Everything that comes from a person, a link or a stranger's mail and can end up in a header. */
const fields: Readonly<Record<string, (evil: string) => Material>> = {
  'to address': (x) => content({ to: [{ name: '', address: `a@example.org${x}` }] }),
  'to address, before the @': (x) => content({ to: [{ name: '', address: `a${x}@example.org` }] }),
  'to name': (x) => content({ to: [{ ...good, name: x }] }),
  'cc address': (x) => content({ cc: [{ name: '', address: `a@example.org${x}` }] }),
  'cc name': (x) => content({ cc: [{ ...good, name: x }] }),
  'bcc address': (x) => content({ bcc: [{ name: '', address: `a@example.org${x}` }] }),
  'bcc name': (x) => content({ bcc: [{ ...good, name: x }] }),
  subject: (x) => content({ subject: x }),
  'subject, long and international': (x) => content({ subject: `${'ü'.repeat(70)}${x}${'ü'.repeat(70)}` }),
  text: (x) => content({ text: x }),
  html: (x) => content({ format: 'rich', html: `<p>${x}</p>` }),
  'html attribute': (x) => content({ format: 'rich', html: `<a href="https://example.org/${x}" title="${x}">a</a>` }),
  'file name': (x) => material({ files: [fileOf(Buffer.from('x'), { fileName: `${x}.pdf` })] }),
  'file name, international': (x) => material({ files: [fileOf(Buffer.from('x'), { fileName: `ü${x}.pdf` })] }),
  'type of a file': (x) => material({ files: [fileOf(Buffer.from('x'), { mimeType: `text/plain${x}` })] }),
  'content of a file': (x) => material({ files: [fileOf(Buffer.from(x), { mimeType: 'text/plain' })] }),
  'content id': (x) =>
    material({
      content: emptyContent({ to: [good], format: 'rich', html: `<img src="cid:a${x}">` }),
      files: [fileOf(Buffer.from('x'), { isInline: true, mimeType: 'image/png', contentId: `a${x}` })],
    }),
  'display name of the account': (x) => material({ account: account({ displayName: x }) }),
  'address of the account': (x) => material({ account: account({ email: `a@example.org${x}` }) }),
  'signature of the account': (x) => answer({}, 'reply', 'rich', account({ signature: x })),
  'In-Reply-To': (x) => answer({ messageId: `<a@example.org${x}>` }),
  References: (x) => answer({ references: [`<b@example.org${x}>`, `<c${x}@example.org>`] }),
  'subject answered': (x) => answer({ subject: x }),
  'sender answered': (x) => answer({ from: [{ name: x, address: 'a@example.org' }] }),
  'Reply-To answered': (x) => answer({ replyTo: [{ name: x, address: `a@example.org${x}` }] }),
  'recipients answered': (x) => answer({ cc: [{ name: x, address: 'c@example.org' }] }, 'reply-all'),
  'text answered': (x) => answer({ text: x }),
  'html forwarded': (x) => answer({ html: `<p>${x}</p>` }, 'forward', 'rich'),
  'mailto: recipient': (x) => link(`a@example.org${url(x)}`),
  'mailto: recipient, not encoded': (x) => link(`a@example.org${x}`),
  'mailto: subject': (x) => link(`a@example.org?subject=${url(x)}`),
  'mailto: body': (x) => link(`a@example.org?body=${url(x)}`),
  'mailto: name of a field': (x) => link(`a@example.org?subject${url(x)}=1`),
};

const fieldNames = (block: string): string[] =>
  block
    .split('\r\n')
    .filter((line) => /^[^ \t]/u.test(line))
    .map((line) => line.split(':')[0]!.toLowerCase());

async function outcome(of: Material): Promise<'refused' | 'sent'> {
  let frozen;
  try {
    frozen = await freezeMail(of, seededRandom(1), NOW);
  } catch (error) {
    expect(error).toBeInstanceOf(MailError);
    expect((error as MailError).code).toMatch(/^(?:draft-invalid|config-invalid)$/u);
    expect((error as MailError).detail).not.toMatch(/evil/iu);
    return 'refused';
  }
  for (const raw of [Buffer.from(frozen.raw), Buffer.from(withBcc(frozen.raw, frozen.bcc))]) {
    const text = raw.toString('utf8');
    expect(text.replaceAll('\r\n', '')).not.toMatch(/[\r\n\0]/u);
    const names = fieldNames(text.split('\r\n\r\n')[0]!);
    expect(names.filter((name) => !HEADER.has(name))).toEqual([]);
    expect(new Set(names).size).toBe(names.length);
    // The header of each part, from its boundary to the blank line.
    for (const part of text.split(/^--.*Part_\d+\r\n/mu).slice(1)) {
      expect(fieldNames(part.split('\r\n\r\n')[0]!).filter((name) => !name.startsWith('content-'))).toEqual([]);
    }
    const parsed = await simpleParser(raw);
    expect(parsed.headers.has('x-evil')).toBe(false);
    const other = await PostalMime.parse(raw);
    expect(other.headers.map((one) => one.key)).not.toContain('x-evil');
  }
  expect((await simpleParser(Buffer.from(frozen.raw))).bcc).toBeUndefined();
  expect(frozen.envelope.to.join(' ')).not.toContain('evil');
  return 'sent';
}

describe('header injection (O14)', () => {
  const count = { cases: 0, refused: 0, sent: 0, addedLines: 0 };
  for (const [field, make] of Object.entries(fields)) {
    it(`${field}: no control makes a line`, async () => {
      for (const control of Object.values(CONTROLS)) {
        const evil = `x${control}X-Evil: 1${control}Bcc: evil@example.com${control}${control}body`;
        count[await outcome(make(evil))] += 1;
        count.cases += 1;
      }
    });
  }
  it('was tried everywhere', () => {
    expect(Object.keys(fields).length).toBeGreaterThanOrEqual(30);
    expect(count.cases).toBe(Object.keys(fields).length * 5);
    reportFigure('O14 injection into composed mail', { fields: Object.keys(fields).length, ...count });
  });
});

describe('smuggling (O13, composition)', () => {
  const ends = ['\n.\n', '\n.\r', '\r.\n', '\r.\r', '\n.\r\n', '\r.\r\n', '\r\n.\r\r\n', '\r\r\n.\r\r\n', '\r\n\0.\r\n'];
  const places: Readonly<Record<string, (evil: string) => Material>> = {
    text: (x) => content({ text: `a${x}MAIL FROM:<x>` }),
    html: (x) => content({ format: 'rich', html: `<pre>a${x}MAIL FROM:<x></pre>` }),
    file: (x) => material({ files: [fileOf(Buffer.from(`a${x}MAIL FROM:<x>`), { mimeType: 'text/plain' })] }),
    'quoted text': (x) => answer({ text: `a${x}MAIL FROM:<x>` }),
    'quoted html': (x) => answer({ html: `<pre>a${x}MAIL FROM:<x></pre>` }, 'forward', 'rich'),
  };
  it('no end of data, no bare CR or LF, no NUL', async () => {
    let cases = 0;
    for (const make of Object.values(places)) {
      for (const end of ends) {
        const raw = Buffer.from((await freezeMail(make(end), seededRandom(1), NOW)).raw).toString('latin1');
        expect(raw.replaceAll('\r\n', '')).not.toMatch(/[\r\n\0]/u);
        expect(raw.endsWith('\r\n')).toBe(true);
        cases += 1;
      }
    }
    expect(cases).toBe(45);
    reportFigure('O13 smuggling, composed bytes', { cases, bareCr: 0, bareLf: 0, nul: 0 });
  });
});
