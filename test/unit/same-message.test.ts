import { describe, expect, it } from 'vitest';
import { isHeldByOther, seenContent } from '../../main/engine/ingest/content-digest.ts';
import type { RemoteSummary } from '../../main/engine/imap/gateway.ts';
import { isSameMessage, knownOf } from '../../main/engine/imap/same-message.ts';
import { bareSummary } from '../../main/engine/imap/summary-digest.ts';
import { isSameContent, isSameSubject, matchOnSameServer, type Evidence } from '../../main/engine/mirror/match.ts';
import { asUid } from '../../shared/model/ids.ts';

const summary = (more: Partial<RemoteSummary> = {}): RemoteSummary => ({
  ...bareSummary({ uid: asUid(7), flags: [], modSeq: null }, Date.UTC(2026, 10, 30, 9, 0, 0)),
  ...{ messageId: '<a@example.org>', subject: 'Budget', sentDate: Date.UTC(2026, 10, 30, 8, 59, 0), sizeBytes: 12_000 },
  ...{ from: [{ name: 'Eva', address: 'eva@example.org' }], ...more },
});

describe('a message whose size a server estimates until it has been asked for the whole', () => {
  const known = knownOf(summary());

  it('is known by its Message-ID, dates, people and subject when the size is told right', () => {
    expect(isSameMessage(known, summary({ sizeBytes: 4_321 }))).toBe(true);
    expect(isSameMessage(known, summary({ sizeBytes: 4_321, flags: ['\\Seen'] }))).toBe(true);
  });

  it.each([
    ['Message-ID', { messageId: '<b@example.org>' }],
    ['Message-ID, size being equal', { messageId: '<b@example.org>', sizeBytes: 12_000 }],
    ['internal date', { internalDate: Date.UTC(2026, 10, 30, 9, 0, 1), sizeBytes: 1 }],
    ['subject', { subject: 'Budget II', sizeBytes: 1 }],
    ['sender', { from: [{ name: 'Eva', address: 'eve@example.org' }], sizeBytes: 1 }],
  ])('is another one with another %s', (_what, more) => {
    expect(isSameMessage(known, summary(more))).toBe(false);
  });

  it('is not taken for known where its date was never noted', () => {
    expect(isSameMessage({ ...known, internalDate: null, summaryDigest: null }, summary({ sizeBytes: 1 }))).toBe(false);
    expect(isSameMessage({ ...known, internalDate: null, summaryDigest: null }, summary())).toBe(true);
  });

  const evidence: Evidence = {
    ...{ messageId: '<a@example.org>', summaryDigest: 'aa', structureDigest: 'bb', sizeBytes: 12_000, internalDate: 1, emailId: null },
  };

  it('is followed to another mailbox, unless nothing but its size could tell it from others', () => {
    expect(matchOnSameServer(evidence, { ...evidence, sizeBytes: 4_321 })).toBe('likely');
    expect(matchOnSameServer({ ...evidence, messageId: null }, { ...evidence, messageId: null, sizeBytes: 4_321 })).toBe('none');
    expect(matchOnSameServer(evidence, { ...evidence, sizeBytes: 4_321, internalDate: 2 })).toBe('none');
  });
});

describe('what a person sees of a mail', () => {
  const pdf = { mimeType: 'application/pdf', sizeBytes: 700 };
  const of = (text: string, words = '', files: { mimeType: string; sizeBytes: number }[] = []): string =>
    Buffer.from(seenContent([words === '' ? text : words], files).contentDigest).toString('hex');

  it('is the same however its lines are wrapped and whatever the plain alternative says', () => {
    expect(of('one two\r\nthree')).toBe(of('one\u00a0two three\n'));
    expect(of('made by the sender', 'Dear all')).toBe(of('made by the server', 'Dear  all\n'));
    expect(of('Grüße')).toBe(of('Gru\u0308ße'));
  });

  it('is the same with files in another order, and with a mail or an invitation in it that was written anew', () => {
    const png = { mimeType: 'image/png', sizeBytes: 300 };
    expect(of('x', '', [pdf, png])).toBe(of('x', '', [png, pdf]));
    expect(of('x', '', [{ mimeType: 'message/rfc822', sizeBytes: 1 }])).toBe(of('x', '', [{ mimeType: 'message/rfc822', sizeBytes: 2 }]));
    expect(of('x', '', [{ mimeType: 'text/calendar', sizeBytes: 1 }])).toBe(of('x', '', [{ mimeType: 'text/calendar', sizeBytes: 2 }]));
  });

  it.each([
    ['another word', of('pay 100'), of('pay 1000')],
    ['another word in its HTML', of('', 'pay 100'), of('', 'pay 1000')],
    ['a file less', of('x', '', [pdf]), of('x')],
    ['another file', of('x', '', [pdf]), of('x', '', [{ ...pdf, sizeBytes: 701 }])],
    [
      'an invitation in place of a mail',
      of('x', '', [{ mimeType: 'text/calendar', sizeBytes: 1 }]),
      of('x', '', [{ mimeType: 'message/rfc822', sizeBytes: 1 }]),
    ],
    ['text that only looks like a list of files', of('x', '', []), of('x["700"]', '', [])],
  ])('is not the same with %s', (_what, one, other) => {
    expect(one).not.toBe(other);
  });

  it('decides where bytes differ, and proves nothing where no parser could read it', () => {
    const bytes = (n: number) => new Uint8Array([n]);
    expect(isSameContent({ body: bytes(1), content: bytes(9), blocks: null }, { body: bytes(2), content: bytes(9), blocks: null })).toBe(
      true,
    );
    expect(isSameContent({ body: bytes(1), content: null, blocks: null }, { body: bytes(1), content: bytes(9), blocks: null })).toBe(true);
    expect(isSameContent({ body: bytes(1), content: null, blocks: null }, { body: bytes(2), content: null, blocks: null })).toBe(false);
    expect(isSameContent({ body: bytes(1), content: bytes(8), blocks: null }, { body: bytes(2), content: bytes(9), blocks: null })).toBe(
      false,
    );
  });
});

describe('a mail into which a filter has put a banner or a footer', () => {
  const pdf = { mimeType: 'application/pdf', sizeBytes: 700 };
  const blocks = (text: string[], files = [pdf]) => seenContent(text, files).contentBlocks!;
  const own = ['Dear Eva,', 'the budget is approved.', 'Regards', 'Max'];

  it.each([
    ['before it', ['CAUTION: from outside', ...own]],
    ['behind it', [...own, 'This mail is confidential.', 'Registered in Kiel']],
    ['on both sides, with lines wrapped anew', ['EXTERN', 'Dear  Eva,', 'the budget\r\nis approved.', 'Regards', 'Max', 'Footer']],
  ])('is known, %s', (_where, other) => {
    expect(isHeldByOther(blocks(own), blocks(other))).toBe(true);
    expect(isHeldByOther(blocks(other), blocks(own))).toBe(true);
  });

  it.each([
    ['a word of it changed', ['EXTERN', 'Dear Eva,', 'the budget is refused.', 'Regards', 'Max'], [pdf]],
    ['a paragraph of it missing', ['EXTERN', 'Dear Eva,', 'Regards', 'Max', 'Footer'], [pdf]],
    ['another file', ['EXTERN', ...own], [{ ...pdf, sizeBytes: 701 }]],
    ['no file', ['EXTERN', ...own], []],
    ['a whole mail around it', [...own, ...Array.from({ length: 31 }, (_none, n) => `paragraph ${n}`)], [pdf]],
  ])('is not, with %s', (_what, other, files) => {
    expect(isHeldByOther(blocks(own), blocks(other, files))).toBe(false);
  });

  it('counts what stands there twice, and takes no text for part of another', () => {
    expect(isHeldByOther(blocks(['yes', 'yes']), blocks(['yes', 'no', 'maybe']))).toBe(false);
    expect(isHeldByOther(blocks([]), blocks(['pay 100']))).toBe(false);
  });

  it.each([
    ['Budget', '[EXTERN] Budget', true],
    ['Re: Budget', 'Re: [External] Budget', true],
    ['Budget', 'EXTERNAL: Budget', true],
    ['Budget', '***SPAM?*** Budget', true],
    ['[list] Budget', '[EXT] [list] Budget', true],
    ['Budget', 'Re: Budget', false],
    ['Budget', 'Budget 2027', false],
    ['', '[EXTERN]', true],
    ['', 'Budget', false],
    ['2027', 'Budget 2027', false],
  ])('has the subject %j as %j: %j', (one, other, expected) => {
    expect(isSameSubject(one, other)).toBe(expected);
    expect(isSameSubject(other, one)).toBe(expected);
  });
});
