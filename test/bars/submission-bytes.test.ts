import { afterAll, afterEach, describe, expect, it } from 'vitest';
import { freezeMail, type FileToSend } from '../../main/engine/compose/freeze.ts';
import { quoteHtml } from '../../main/engine/compose/quote.ts';
import type { DraftContent } from '../../shared/model/compose.ts';
import { emptyContent, fileOf, testAccount } from '../support/draft-random.ts';
import { reportFigure } from '../support/figures.ts';
import { peakMemory } from '../support/memory-peak.ts';
import { seededRandom } from '../support/random.ts';
import { startSmtpScript, type SmtpScript, type SmtpScriptOptions } from '../support/smtp-script.ts';
import { mailOf, submitTo } from '../support/submit-rig.ts';

const MIB = 1024 * 1024;

let server: SmtpScript | null = null;
afterEach(async () => {
  await server?.close();
  server = null;
});

async function start(options: SmtpScriptOptions = {}): Promise<SmtpScript> {
  server = await startSmtpScript(options);
  return server;
}

/** What some server, somewhere, takes for the end of a mail. */
const ends = ['\n.\n', '\n.\r\n', '\r.\n', '\r.\r', '\n.\r', '\r.\r\n', '\r\n.\r\r\n', '\r\r\n.\r\r\n', '\r\n\0.\r\n'] as const;
const smuggled = 'MAIL FROM:<evil@example.net>\r\nRCPT TO:<victim@example.net>\r\nDATA\r\nSubject: smuggled\r\n\r\nx';

/** The places of a mail into which a variant may get. */
const places: Readonly<Record<string, (bad: string) => { content: Partial<DraftContent>; files: FileToSend[] }>> = {
  text: (bad) => ({ content: { format: 'plain', text: `before${bad}${smuggled}` }, files: [] }),
  html: (bad) => ({ content: { format: 'rich', html: `<p>before${bad}${smuggled}</p><pre>${bad}${smuggled}</pre>` }, files: [] }),
  attachment: (bad) => ({ content: { format: 'plain', text: 'see file' }, files: [fileOf(Buffer.from(`before${bad}${smuggled}`))] }),
  'quoted reply': (bad) => {
    const original = { from: [{ name: bad, address: 'eve@example.net' }], to: [], cc: [], subject: `re${bad}`, date: 0 };
    const options = { kind: 'reply', locale: 'en', image: () => null } as const;
    const quotation = quoteHtml({ ...original, html: `<pre>a${bad}${smuggled}</pre>`, text: null }, options);
    return { content: { format: 'rich', html: `<p>yes</p><div class="gmail_quote">${quotation}</div>` }, files: [] };
  },
};

/** Line ends that are none, and NULs, in what went over the wire. */
function faultsIn(wire: Buffer): number {
  const text = wire.toString('latin1');
  return (text.match(/\r(?!\n)|(?<!\r)\n|\0/g) ?? []).length;
}

describe('O13: one mail stays one mail', () => {
  const tally = { cases: 0, oneOrRefused: 0, bareOnWire: 0 };

  for (const [place, build] of Object.entries(places)) {
    it(`9 ends of data in ${place}`, async () => {
      const script = await start();
      for (const bad of ends) {
        tally.cases += 1;
        const { content, files } = build(bad);
        const to = [{ name: '', address: 'bob@example.com' }];
        const material = { account: testAccount(), content: emptyContent({ to, subject: `s${bad}x`, ...content }), files };
        const thread = { inReplyTo: null, references: [] };
        const { raw, envelope } = await freezeMail({ ...material, thread }, seededRandom(tally.cases), Date.UTC(2026, 10, 28));
        const before = script.mails.length;
        const result = await submitTo(script, { raw, from: envelope.from, to: envelope.to });
        expect(result.verdict).toBe('accepted');
        const mails = script.mails.slice(before);
        expect(mails).toHaveLength(1);
        expect(mails[0]?.raw.equals(raw)).toBe(true);
        const sent = script.received(mails[0]?.connection);
        tally.bareOnWire += faultsIn(sent);
        expect(faultsIn(sent), JSON.stringify(bad)).toBe(0);
        expect(sent.toString('latin1').split('\r\n.\r\n')).toHaveLength(2);
        expect(mails[0]?.to).toEqual(['bob@example.com']);
        tally.oneOrRefused += 1;
      }
    });
  }

  it('9 ends of data in raw bytes: nothing leaves', async () => {
    const script = await start();
    for (const bad of ends) {
      tally.cases += 1;
      const result = await submitTo(script, { raw: mailOf(`before${bad}${smuggled}\r\n`) });
      expect(result).toMatchObject({ verdict: 'permanent', error: { code: 'call-rejected' } });
      expect(script.attempts).toEqual([]);
      tally.oneOrRefused += 1;
    }
  });

  it('the true end of data inside a mail is part of the mail', async () => {
    const script = await start();
    const raw = mailOf(`before\r\n.\r\n${smuggled}\r\n.\r\n.\r\n`);
    expect((await submitTo(script, { raw })).verdict).toBe('accepted');
    expect(script.mails.map((mail) => mail.raw.equals(raw))).toEqual([true]);
  });

  it('bytes that change between the look at them and the sending end the mail without its final dot', async () => {
    const script = await start();
    let times = 0;
    const good = mailOf('harmless\r\n');
    const bad = Buffer.from(good.toString().replace('harmless', 'h\n.\nmore'));
    const result = await submitTo(script, { raw: () => [(times += 1) === 1 ? good : bad], sizeBytes: good.length });
    expect(result).toMatchObject({ verdict: 'unknown', phase: 'body', error: { code: 'internal' } });
    expect(script.mails).toEqual([]);
    expect(script.received().toString()).not.toContain('more');
  });

  afterAll(() => reportFigure('O13 smuggling', tally));
});

describe('O15: extensions on and off', () => {
  const switches = [0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15];
  const sizes = ['none', 'enough', 'small'] as const;
  const mails = {
    '7-bit': { raw: mailOf('plain\r\n'), to: ['bob@example.com'] },
    '8-bit': { raw: mailOf('größe\r\n'), to: ['bob@example.com'] },
    'UTF-8 address': { raw: mailOf('plain\r\n'), to: ['jörg@example.com'] },
  } as const;
  const tally = { cases: 0, right: 0 };

  it('16 sets of them x 3 sizes x 3 mails', async () => {
    for (const bits of switches) {
      for (const size of sizes) {
        const offered = ['8BITMIME', 'SMTPUTF8', 'PIPELINING', 'CHUNKING'].filter((_, n) => (bits >> n) % 2 === 1);
        const sizeLine = { none: [], enough: ['SIZE 1000000'], small: ['SIZE 60'] }[size];
        const script = await start({ capabilities: ['AUTH PLAIN', ...offered, ...sizeLine] });
        for (const [kind, mail] of Object.entries(mails)) {
          const what = `${kind} to ${[...offered, ...sizeLine].join(' ')}`;
          tally.cases += 1;
          const before = script.commands.length;
          const result = await submitTo(script, mail);
          const expected =
            size === 'small'
              ? 'message-too-large-for-server'
              : kind === 'UTF-8 address' && !offered.includes('SMTPUTF8')
                ? 'address-not-supported'
                : kind === '8-bit' && !offered.includes('8BITMIME')
                  ? 'smtp-refused'
                  : null;
          expect(result.error?.code ?? null, what).toBe(expected);
          expect(result.verdict, what).toBe(expected === null ? 'accepted' : 'permanent');
          const names = script.commands.slice(before).map(({ name }) => name);
          expect(names.includes('MAIL'), what).toBe(expected === null);
          expect(names, what).not.toContain('BDAT');
          if (expected === null) {
            expect(script.mails.at(-1)?.params, what).toEqual([
              ...(size === 'enough' ? [`SIZE=${mail.raw.length}`] : []),
              ...(kind === '8-bit' ? ['BODY=8BITMIME'] : []),
              ...(kind === 'UTF-8 address' ? ['SMTPUTF8'] : []),
            ]);
            expect(script.mails.at(-1)?.raw.equals(mail.raw), what).toBe(true);
          }
          tally.right += 1;
        }
        await script.close();
      }
    }
  });

  it('60 MB go out within 100 MB of memory, from one buffer and piece by piece', async () => {
    const script = await start({ keepsBodies: false });
    const head = mailOf('');
    const block = Buffer.from(`${'x'.repeat(75)}.\r\n`.repeat(MIB / 78));
    const count = Math.ceil((60 * MIB) / block.length);
    function* pieces(): Generator<Buffer> {
      yield head;
      for (let n = 0; n < count; n += 1) yield block;
    }
    const sizeBytes = head.length + count * block.length;
    await submitTo(script, {}); // the code itself
    const streamed = await peakMemory(() => submitTo(script, { raw: pieces, sizeBytes }));
    const whole = Buffer.concat([...pieces()]);
    const held = await peakMemory(() => submitTo(script, { raw: whole }));
    for (const { result, peakBytes } of [streamed, held]) {
      expect(result).toMatchObject({ verdict: 'accepted', error: null });
      expect(peakBytes).toBeLessThan(100 * MIB);
    }
    expect(script.mails.map(({ wireBytes }) => wireBytes)).toEqual(
      [mailOf('hello\r\n').length, sizeBytes, sizeBytes].map((bytes) => bytes + 3),
    );
    const mib = (bytes: number): number => Math.round(bytes / MIB);
    reportFigure('O15 60 MB', { sizeMib: mib(sizeBytes), streamedRssMib: mib(streamed.peakBytes), heldRssMib: mib(held.peakBytes) });
  });

  afterAll(() => reportFigure('O15 extensions', tally));
});
