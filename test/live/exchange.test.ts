import { createHash } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { exchangeMailboxesGerman } from '../support/exchange-face.ts';
import { exchangeForm } from '../support/exchange-form.ts';
import { ExchangeServers, type ExchangeSetting } from '../support/exchange-world.ts';
import { buildMail, type MailFields } from '../support/mail-builder.ts';
import { buildPdf } from '../support/pdf-builder.ts';

/** The company's mail server is Exchange: it gives every mail in a form of its own, and knows the size of one only once it was read. */

let servers: ExchangeServers;
beforeAll(async () => {
  servers = await ExchangeServers.start();
});
afterAll(() => servers.dispose());

const DAY_MS = 86_400_000;
/** Of an attachment: more than is fetched at once, whatever its size is said to be. */
const LARGE_BYTES = 3 * 1024 * 1024;
const picture = createHash('sha512').update('a picture').digest();
const html = '<p>Guten Tag,</p><p>wir haben <b>Ihre Bestellung</b> f&uuml;r Köln erhalten.</p>';
const mail = (name: string, fields: MailFields = {}): Buffer =>
  buildMail({ subject: name, messageId: `<${name}@partner.example.org>`, text: `Text of ${name}.\n`, ...fields });

const umlauts = Buffer.from(
  'From: =?iso-8859-1?Q?J=FCrgen_Wei=DF?= <juergen@example.org>\r\nTo: anna@example.com\r\nSubject: latin\r\nMessage-ID: <latin@partner.example.org>\r\n' +
    'Date: Wed, 15 Jan 2025 09:30:00 +0000\r\nMIME-Version: 1.0\r\nContent-Type: text/plain; charset=iso-8859-1\r\nContent-Transfer-Encoding: 8bit\r\n\r\n' +
    'Sch\u00f6ne Gr\u00fc\u00dfe aus M\u00fcnchen,\r\n\r\nJ\u00fcrgen\r\n',
  'latin1',
);

/** By its subject. */
const kinds: Readonly<Record<string, Buffer>> = {
  plain: mail('plain'),
  html: mail('html', { html }),
  pdf: mail('pdf', { html, attachments: [{ fileName: 'Übersicht.pdf', contentType: 'application/pdf', content: buildPdf({ pages: 3 }) }] }),
  picture: mail('picture', {
    html: `${html}<img src="cid:logo@example">`,
    attachments: [{ fileName: 'logo.png', contentType: 'image/png', content: picture, contentId: 'logo@example' }],
  }),
  latin: umlauts,
};
const ten = Array.from({ length: 10 }, (_, n) => `ten${n}`);

const digest = (source: Buffer | null): string | null => source && createHash('sha256').update(source).digest('hex');

/** One entry with a copy on both sides, listed once, with the source that the primary gives. */
function expectOne(s: ExchangeSetting, subject: string, raw: Buffer): void {
  expect(s.list('INBOX').filter((one) => one === subject)).toEqual([subject]);
  expect(s.rig.rows('INBOX').find((one) => one.subject === subject)).toMatchObject({ sides: ['primary', 'relay'], bodyState: 'complete' });
  expect(s.entryCount(subject)).toBe(1);
  const through = Buffer.concat([Buffer.from('Received: by exchange.example.com with ESMTP\r\n'), raw]);
  expect(digest(s.source(subject))).toBe(digest(exchangeForm(through)));
}

describe('a mail that came to Exchange and to the relay', () => {
  it.each(Object.entries(kinds))('is one mail, as the primary has it: %s', (subject, raw) =>
    servers.with(async (s) => {
      await s.deliver(raw);
      await s.settle();
      expectOne(s, subject, raw);
      expect([s.rig.recoverable(), s.rig.rows('INBOX', 'relay').map((row) => row.subject)]).toEqual([[], []]);
    }),
  );

  it.each(['primary', 'relay'] as const)('is one mail where the %s had it first', (first) =>
    servers.with(async (s) => {
      await s.deliver(kinds['html']!, first);
      await s.settle();
      await s.deliver(kinds['html']!, first === 'primary' ? 'relay' : 'primary');
      await s.settle();
      expectOne(s, 'html', kinds['html']!);
      expect(s.rig.recoverable()).toEqual([]);
    }),
  );

  it('is one mail, ten times over', () =>
    servers.with(async (s) => {
      for (const name of ten) await s.deliver(mail(name, { html }));
      await s.settle();
      expect(s.list('INBOX').sort()).toEqual(ten);
      for (const name of ten) expectOne(s, name, mail(name, { html }));
    }));
});

const seen = async (s: ExchangeSetting): Promise<void> => {
  for (const name of ['plain', 'pdf']) await s.deliver(kinds[name]!);
  await s.settle();
};

/** Everything was carried over, nothing refused, and a person sees what the server has. */
async function expectDone(s: ExchangeSetting, place: string, flags = ''): Promise<void> {
  await s.settle();
  expect([s.failed(), s.openCount()]).toEqual([[], 0]);
  for (const name of ['plain', 'pdf']) {
    expect(await s.places(name)).toEqual([[place, flags].filter(Boolean).join(' ')]);
    expect(s.entryCount(name)).toBe(1);
  }
}

describe('a mark that Exchange does not keep', () => {
  it.each([
    ['one mail', ['plain']],
    ['two at once', ['plain', 'pdf']],
  ] as const)('ends without it, and without a word: %s', (_what, names) =>
    servers.with(async (s) => {
      await seen(s);
      for (const name of names) s.actions.recordMark(s.entry(name), '$forwarded', `sent:${name}`);
      s.actions.setFlag(both(s), 'flagged', true);
      await expectDone(s, 'INBOX', '\\Flagged');
      expect(s.proxy.commands.filter(({ reply }) => reply?.startsWith('BAD'))).toEqual([]);
    }),
  );
});

const both = (s: ExchangeSetting) => [s.entry('plain'), s.entry('pdf')];

describe('what a person does with mail that was fetched, so that its size is another now', () => {
  it('read and unread', () =>
    servers.with(async (s) => {
      await seen(s);
      s.actions.setFlag(both(s), 'seen', true);
      await expectDone(s, 'INBOX', '\\Seen');
      s.actions.setFlag(both(s), 'seen', false);
      await expectDone(s, 'INBOX');
    }));

  it('flagged, and the flag taken off', () =>
    servers.with(async (s) => {
      await seen(s);
      s.actions.setFlag(both(s), 'flagged', true);
      await expectDone(s, 'INBOX', '\\Flagged');
      s.actions.setFlag(both(s), 'flagged', false);
      await expectDone(s, 'INBOX');
    }));

  it('moved, and moved on', () =>
    servers.with(async (s) => {
      await seen(s);
      s.actions.move(both(s), s.mailbox('Projects'));
      await expectDone(s, 'Projects');
      s.actions.move(both(s), s.mailbox('Archive'));
      await expectDone(s, 'Archive');
      expect([s.list('INBOX'), s.list('Projects'), s.list('Archive').sort(), s.rig.recoverable()]).toEqual([[], [], ['pdf', 'plain'], []]);
    }));

  it('moved twice and read, before the server has heard of it', () =>
    servers.with(async (s) => {
      await seen(s);
      s.actions.move(both(s), s.mailbox('Projects'));
      s.actions.setFlag(both(s), 'seen', true);
      s.actions.move(both(s), s.mailbox('Archive'));
      await expectDone(s, 'Archive', '\\Seen');
    }));

  it('archived, and moved back', () =>
    servers.with(async (s) => {
      await seen(s);
      s.actions.archive(both(s));
      await expectDone(s, 'Archive');
      s.actions.move(both(s), s.mailbox('INBOX'));
      await expectDone(s, 'INBOX');
    }));

  it('deleted, restored and deleted again', () =>
    servers.with(async (s) => {
      await seen(s);
      s.actions.delete(both(s));
      await expectDone(s, 'Deleted Items');
      expect(s.rig.recoverable().map((row) => [row.subject, row.isDeletedHere])).toEqual(
        expect.arrayContaining([
          ['plain', true],
          ['pdf', true],
        ]),
      );
      s.actions.restore(both(s));
      await expectDone(s, 'INBOX');
      expect(s.rig.recoverable()).toEqual([]);
      s.actions.delete(both(s));
      await expectDone(s, 'Deleted Items');
    }));

  it('done and undone', () =>
    servers.with(async (s) => {
      await seen(s);
      const moved = s.actions.move(both(s), s.mailbox('Projects'));
      await expectDone(s, 'Projects');
      s.actions.undo(moved.undoId);
      await expectDone(s, 'INBOX');
    }));

  it('archived and deleted in German', async () => {
    const german = await ExchangeServers.start(exchangeMailboxesGerman, 1);
    try {
      await german.with(async (s) => {
        await seen(s);
        s.actions.archive(both(s));
        await expectDone(s, 'Archiv');
        s.actions.delete(both(s));
        await expectDone(s, 'Gelöschte Elemente');
      });
    } finally {
      await german.dispose();
    }
  });
});

describe('what another program does', () => {
  it('a copy that is deleted is recoverable, though the same mail lies elsewhere as it came', () =>
    servers.with(async (s) => {
      const internalDate = Math.floor((Date.now() - DAY_MS) / 1000) * 1000;
      const received = Buffer.concat([Buffer.from('Received: by exchange.example.com with ESMTP\r\n'), kinds['html']!]);
      await s.direct.append('Sent Items', exchangeForm(kinds['html']!), { internalDate });
      await s.direct.append('INBOX', exchangeForm(received), { internalDate });
      await s.settle();
      s.clock.suspend(2 * 60 * 60_000);
      await s.direct.select('Sent Items');
      await s.direct.expunge(await s.direct.uids('ALL'));
      await s.settle();
      expect([s.list('INBOX'), s.list('Sent Items'), s.rig.recoverable().map((row) => row.subject)]).toEqual([['html'], [], ['html']]);
    }));

  it.each(['both', 'primary'] as const)('a mail that is moved is followed, on %s', (sides) =>
    servers.with(async (s) => {
      await s.deliver(kinds['pdf']!, sides);
      await s.settle();
      const source = digest(s.source('pdf'));
      for (const [from, to] of [
        ['INBOX', 'Projects'],
        ['Projects', 'Archive'],
        ['Archive', 'INBOX'],
      ] as const) {
        await s.moveElsewhere('pdf', from, to);
        await s.settle();
        expect([s.list(from), s.list(to), s.rig.recoverable()]).toEqual([[], ['pdf'], []]);
        expect([s.entryCount('pdf'), digest(s.source('pdf'))]).toEqual([1, source]);
        expect(s.rig.rows(to)[0]).toMatchObject({ sides: sides === 'both' ? ['primary', 'relay'] : ['primary'], bodyState: 'complete' });
      }
    }),
  );

  it('a mail that is moved while it is flagged here takes the flag along', () =>
    servers.with(async (s) => {
      await seen(s);
      s.actions.setFlag([s.entry('pdf')], 'flagged', true);
      await s.moveElsewhere('pdf', 'INBOX', 'Projects');
      await s.settle();
      expect([await s.places('pdf'), s.failed(), s.openCount()]).toEqual([['Projects \\Flagged'], [], 0]);
    }));
});

describe('what is fetched', () => {
  it('a mail so large that it comes in slices is one mail, with the bytes that the primary gives', () =>
    servers.with(async (s) => {
      const content = Buffer.concat(Array.from({ length: LARGE_BYTES / 64 }, (_, n) => createHash('sha512').update(`${n}`).digest()));
      const large = mail('large', { html, attachments: [{ fileName: 'a.zip', contentType: 'application/zip', content }] });
      await s.deliver(large);
      await s.settle();
      expectOne(s, 'large', large);
      s.actions.archive([s.entry('large')]);
      await s.settle();
      expect([await s.places('large'), s.failed(), s.openCount()]).toEqual([['Archive'], [], 0]);
      expect(await s.verify()).toMatchObject({ code: 0 });
    }));

  it('is fetched once: not again because its size is another since, nor after a restart', () =>
    servers.with(async (s) => {
      await seen(s);
      const sources = () => s.proxy.commands.filter((one) => one.name === 'UID FETCH' && one.args.includes('BODY.PEEK[]'));
      const before = sources().length;
      expect(before).toBeGreaterThan(0);
      await s.settle();
      await s.rig.restart();
      await s.settle();
      expect(sources().slice(before)).toEqual([]);
      expect([s.list('INBOX').sort(), s.rig.recoverable()]).toEqual([['pdf', 'plain'], []]);
    }));
});

describe('verify', () => {
  it('finds no difference, at once and after something was done', () =>
    servers.with(async (s) => {
      for (const raw of Object.values(kinds)) await s.deliver(raw);
      await s.settle();
      const fine = { code: 0, totals: { missing: 0, surplus: 0, datesDiffer: 0, bytesDiffer: 0, bodyMissing: 0, flagsDiffer: 0 } };
      expect(await s.verify()).toMatchObject(fine);
      s.actions.move([s.entry('pdf')], s.mailbox('Projects'));
      s.actions.setFlag([s.entry('html')], 'seen', true);
      await s.settle();
      expect(await s.verify()).toMatchObject(fine);
      await s.settle();
      expect(await s.verify()).toMatchObject({ ...fine, totals: { ...fine.totals, equal: 10 } });
    }));
});
