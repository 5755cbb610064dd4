import { describe, expect, it } from 'vitest';
import { parseMailto } from '../../main/engine/compose/mailto.ts';
import { addressKey, ownAlias, ownKeys, reachedBy, replyRecipients } from '../../main/engine/compose/reply-recipients.ts';
import { startAnswer, startNew, threadOf, type OriginalMail } from '../../main/engine/compose/start-draft.ts';
import { forwardSubject, replySubject } from '../../main/engine/compose/subject.ts';
import { asEntryId } from '../../shared/model/ids.ts';
import type { Address } from '../../shared/model/message.ts';
import { testAccount } from '../support/draft-random.ts';

const people = (...list: string[]): Address[] => list.map((address) => ({ name: '', address }));
const own = new Set(['me@example.com', 'me@xn--mnchen-3ya.example']);
const addresses = ({ to, cc }: { to: Address[]; cc: Address[] }): string =>
  [to, cc].map((list) => list.map((one) => one.address).join(' ')).join(' | ');

describe('recipients of an answer', () => {
  const mail = {
    from: people('a@x.example'),
    replyTo: people(),
    to: people('me@example.com', 'b@x.example'),
    cc: people('c@x.example', 'A@X.example'),
  };
  it.each([
    ['reply', mail, false, 'a@x.example | '],
    ['reply to all, oneself and doubles left out', mail, true, 'a@x.example | b@x.example c@x.example'],
    ['Reply-To wins', { ...mail, replyTo: people('list@x.example') }, false, 'list@x.example | '],
    [
      'own mail goes on to those it went to',
      { ...mail, from: people('ME@example.com'), to: people('b@x.example') },
      false,
      'b@x.example | ',
    ],
    [
      'own mail to all',
      { ...mail, from: people('me@münchen.example'), to: people('b@x.example', 'd@x.example') },
      true,
      'b@x.example d@x.example | c@x.example A@X.example',
    ],
    ['a note to oneself', { ...mail, from: people('me@example.com'), to: people('me@example.com'), cc: [] }, true, 'me@example.com | '],
    ['Reply-To that is oneself', { ...mail, replyTo: people('me@example.com') }, false, 'me@example.com | '],
    ['entries without an address', { ...mail, from: [{ name: 'Undisclosed', address: '' }] }, false, ' | '],
  ] as const)('%s', (_, of, isToAll, expected) => {
    expect(addresses(replyRecipients(of, isToAll, own))).toBe(expected);
  });
  it('are all there or none: a list too long is refused', () => {
    const many = people(...Array.from({ length: 501 }, (_, n) => `p${n}@x.example`));
    expect(() => replyRecipients({ ...mail, cc: many }, true, own)).toThrow(/draft-invalid: recipients/u);
  });
  it('leave out every address of the person, of whichever account', () => {
    const accounts = [testAccount({ email: 'me@example.com', aliases: ['Chef@example.com', 'me@xn--mnchen-3ya.example'] })];
    const keys = ownKeys(accounts);
    expect([...keys]).toEqual(['me@example.com', 'chef@example.com', 'me@xn--mnchen-3ya.example']);
    const toAll = { ...mail, to: people('chef@EXAMPLE.com', 'b@x.example') };
    expect(addresses(replyRecipients(toAll, true, keys))).toBe('a@x.example | b@x.example c@x.example');
    expect(addresses(replyRecipients({ ...toAll, from: people('chef@example.com'), to: people('b@x.example') }, false, keys))).toBe(
      'b@x.example | ',
    );
  });
  it('compare addresses as mail systems do', () => {
    expect(addressKey('A@München.Example')).toBe('a@xn--mnchen-3ya.example');
  });
});

describe('the address that an answer comes from', () => {
  const config = { email: 'me@example.com', aliases: ['Chef@example.com', 'me@xn--mnchen-3ya.example'] };
  const reached = (to: string[], cc: string[] = [], from = 'a@x.example') =>
    reachedBy(config, { from: people(from), to: people(...to), cc: people(...cc) });
  it.each([
    ['the first address, where a mail came to it', reached(['me@example.com']), undefined],
    ['the first address, where it stands beside others', reached(['chef@example.com'], ['ME@example.com']), undefined],
    ['the first address, where a list or a blind copy brought it', reached(['list@x.example']), undefined],
    ['the further address that it came to, as the account has it', reached(['b@x.example', 'chef@EXAMPLE.com']), 'Chef@example.com'],
    ['the further address that got a copy', reached(['b@x.example'], ['me@münchen.example']), 'me@xn--mnchen-3ya.example'],
    ['the one it was addressed to before one that got a copy', reached(['me@münchen.example'], ['chef@example.com']), config.aliases[1]],
    ['of own mail the address that it is from', reached(['b@x.example'], [], 'chef@example.com'), 'Chef@example.com'],
    ['of own mail to a further address the one that it is from', reached(['chef@example.com'], [], 'me@example.com'), undefined],
  ])('is %s', (_, found, expected) => expect(found).toBe(expected));
  it('is never anybody else’s', () => {
    expect(ownAlias(config, 'a@x.example')).toBeUndefined();
    expect(ownAlias(config, '')).toBeUndefined();
  });
  it('is in the draft', () => {
    const account = testAccount(config);
    const options = { account, kind: 'reply', format: 'plain', own: ownKeys([account]), locale: 'en', image: () => null } as const;
    expect(startAnswer({ ...original, to: people('chef@example.com') }, options).content.from).toBe('Chef@example.com');
    expect(startAnswer(original, options).content).not.toHaveProperty('from');
  });
});

describe('subjects', () => {
  it.each([
    ['Plan', 'Re: Plan', 'Fwd: Plan'],
    ['Re: Plan', 'Re: Plan', 'Fwd: Re: Plan'],
    ['AW: Plan', 'Re: Plan', 'Fwd: AW: Plan'],
    ['AW: RE: Aw[2]: Plan', 'Re: Plan', 'Fwd: AW: RE: Aw[2]: Plan'],
    ['WG: Plan', 'Re: WG: Plan', 'Fwd: Plan'],
    ['Fwd: FW: WG: Plan', 'Re: Fwd: FW: WG: Plan', 'Fwd: Plan'],
    ['Regen: heute', 'Re: Regen: heute', 'Fwd: Regen: heute'],
    ['', 'Re:', 'Fwd:'],
  ])('%j', (subject, reply, forward) => {
    expect([replySubject(subject), forwardSubject(subject)]).toEqual([reply, forward]);
  });
});

const original: OriginalMail = {
  ...{ entryId: asEntryId(1), from: [{ name: 'Bob <B>', address: 'bob@x.example' }], replyTo: [], to: people('me@example.com'), cc: [] },
  ...{ subject: 'Plan', date: Date.UTC(2026, 10, 27, 9, 30), html: null, text: 'line\n> older\n\nend' },
  ...{ messageId: '<2@x.example>', inReplyTo: '<1@x.example>', references: [] },
};
const account = testAccount({ signature: 'Me\n<Ltd>' });
const answer = (change: Partial<Parameters<typeof startAnswer>[1]> = {}, mail = original) =>
  startAnswer(mail, {
    account,
    kind: 'reply',
    format: 'plain',
    own,
    locale: 'en-GB',
    timeZone: 'Europe/Berlin',
    image: () => null,
    ...change,
  });

describe('quotations', () => {
  it('English and German, plain', () => {
    expect(answer().content.text).toBe(
      '\n\n-- \nMe\n<Ltd>\n\nOn 27 November 2026 at 10:30, Bob <B> <bob@x.example> wrote:\n> line\n>> older\n>\n> end\n',
    );
    expect(answer({ locale: 'de-DE' }).content.text).toContain('Am 27. November 2026 um 10:30 schrieb Bob <B> <bob@x.example>:\n> line');
    // Another language gets English words with an English date.
    expect(answer({ locale: 'fr' }).content.text).toContain('On 27 November 2026 at 10:30,');
  });
  it('as HTML: words escaped, signature above, quotation in a block', () => {
    const { html } = answer({ format: 'rich' }).content;
    expect(html).toContain('-- <br>Me<br>&lt;Ltd&gt;');
    expect(html).toContain('Bob &lt;B&gt; &lt;bob@x.example&gt; wrote:</div><blockquote type="cite"');
    expect(html).toContain('<div>&gt; older</div>');
  });
  it('forward: a small header, no quotation marks', () => {
    const { content, original: of, thread } = answer({ kind: 'forward', locale: 'de' });
    expect(content.text).toContain(
      '---------- Weitergeleitete Nachricht ----------\nVon: Bob <B> <bob@x.example>\nDatum: 27. November 2026 um 10:30\nBetreff: Plan\nAn: me@example.com\n\nline\n> older',
    );
    expect([content.to, of?.kind, thread.references]).toEqual([[], 'forward', []]);
  });
  it('of HTML is what was seen, as text too', () => {
    const html = '<p>Seen</p><div style="display:none">Unseen</div><style>p{}</style>';
    expect(answer({}, { ...original, html, text: 'something else' }).content.text).toContain('wrote:\n> Seen\n');
  });
  it('are cut when they are endless', () => {
    const { content } = answer({ format: 'rich' }, { ...original, html: `<p>${'x '.repeat(2_000_000)}</p>` });
    expect(content.html.length).toBeLessThan(5_000_000);
    expect(content.html).toContain('[...]');
  });
});

describe('threading', () => {
  it('adds the mail answered to its references, or to what it answered', () => {
    expect(threadOf(original, 'reply')).toEqual({ inReplyTo: '<2@x.example>', references: ['<1@x.example>', '<2@x.example>'] });
    expect(threadOf({ ...original, references: ['<0@x>', '<1@x.example>'] }, 'reply-all').references).toEqual([
      '<0@x>',
      '<1@x.example>',
      '<2@x.example>',
    ]);
  });
  it('is bounded, keeps the first and the latest, and leaves out what is no Message-ID', () => {
    const references = [...Array.from({ length: 90 }, (_, n) => `<${n}@x>`), '<a b@x>', `<${'y'.repeat(400)}@x>`, 'bare@x', '<ü@x>'];
    const found = threadOf({ ...original, references }, 'reply').references;
    expect([found.length, found[0], found.at(-2), found.at(-1)]).toEqual([30, '<0@x>', '<89@x>', '<2@x.example>']);
    expect(threadOf({ ...original, messageId: null }, 'reply')).toEqual({ inReplyTo: null, references: [] });
  });
});

describe('mailto: links (RFC 6068)', () => {
  it('give recipients, subject and body, and nothing else', () => {
    const link =
      'MAILTO:a@x.example,%22b%2C%20c%22%40x.example?cc=d@x.example&Subject=caf%C3%A9%20%26%20co&body=one%0D%0Atwo&attach=/etc/passwd&from=evil@x.example&bcc=e@x.example&to=f@x.example';
    expect(parseMailto(link)).toEqual({
      ...{ to: people('a@x.example', '"b, c"@x.example', 'f@x.example'), cc: people('d@x.example'), bcc: people('e@x.example') },
      ...{ subject: 'café & co', body: 'one\ntwo' },
    });
  });
  it.each(['', 'https://x.example', 'javascript:mailto:a@x'])('%j is none', (link) => {
    expect(parseMailto(link)).toBeNull();
  });
  it('survive what is malformed', () => {
    expect(parseMailto('mailto:?subject=%E0%A4%A&&=x&body')).toMatchObject({ subject: '%E0%A4%A', body: '' });
    expect(parseMailto(`mailto:${'a@x.example,'.repeat(5000)}`)!.to.length).toBeLessThanOrEqual(100);
  });
  it('become a draft', () => {
    const { content } = startNew(account, parseMailto('mailto:a@x.example?subject=s&body=%3Cb%3E%0Atwo'));
    expect(content).toMatchObject({ to: people('a@x.example'), subject: 's', format: 'rich' });
    expect(content.html).toMatch(/^<div>&lt;b&gt;<\/div><div>two<\/div>.*-- <br>Me/u);
  });
});
