import { describe, expect, it } from 'vitest';
import { MailboxNames } from '../../main/engine/imap/mailbox-names.ts';
import { roleOf, rolesOf } from '../../main/engine/imap/special-use.ts';
import { pathsWithoutMail } from '../../main/engine/imap/not-mail.ts';
import { flagList, quoted } from '../../main/engine/imap/wire/command-text.ts';
import { decodeMailboxName, encodeMailboxName } from '../../main/engine/imap/wire/mailbox-name.ts';
import { seededRandom } from '../support/random.ts';

describe('mailbox names', () => {
  it.each([
    ['Entwürfe', 'Entw&APw-rfe'],
    ['A&B', 'A&-B'],
    ['台北/日本語', '&U,BTFw-/&ZeVnLIqe-'],
    ['~peter/mail/台北/日本語', '~peter/mail/&U,BTFw-/&ZeVnLIqe-'],
    ['😀', '&2D3eAA-'],
    ['', ''],
  ])('%s is %s', (path, raw) => {
    expect(encodeMailboxName(path)).toBe(raw);
    expect(decodeMailboxName(raw)).toBe(path);
  });

  it('come back for any text', () => {
    const random = seededRandom(3);
    for (let i = 0; i < 500; i += 1) {
      const path = Array.from({ length: random.int(0, 12) }, () =>
        random.pick(['a', '&', '-', 'ß', '𝄞', '\t', '日', ',', '/', '\u0301']),
      ).join('');
      expect(decodeMailboxName(encodeMailboxName(path))).toBe(path);
    }
  });

  it.each(['A&B', '&', '&AAA', 'Entw\xfcrfe', '&2D0-', 'a&AGE-', '\x01'])('that are not well written (%j) are kept byte by byte', (raw) => {
    const names = new MailboxNames();
    expect(decodeMailboxName(raw)).toBeNull();
    expect(names.toWire(names.toPath(raw))).toBe(raw);
  });

  it.each(['Projekte/Größe & Maß', 'A&B', 'Entwürfe'])('that come well written and as UTF-8 too (%j) are sent well written', (path) => {
    const utf8 = Buffer.from(path, 'utf8').toString('latin1');
    for (const order of [
      [encodeMailboxName(path), utf8],
      [utf8, encodeMailboxName(path)],
    ]) {
      const names = new MailboxNames();
      expect(order.map((raw) => names.toPath(raw))).toEqual([path, path]);
      expect(names.toWire(path)).toBe(encodeMailboxName(path));
    }
  });

  it('know INBOX however it is written, and nothing else by that rule', () => {
    const names = new MailboxNames();
    expect(['inbox', 'Inbox', 'INBOX'].map((raw) => names.toPath(raw))).toEqual(['INBOX', 'INBOX', 'INBOX']);
    expect(names.toPath('Inbox/a')).toBe('Inbox/a');
  });
});

describe('arguments of commands', () => {
  it.each(['a\r\nb', 'a\nb', 'a\rb', 'a\0b'])('refuse %j', (text) => {
    expect(() => quoted(text, 'x')).toThrow(expect.objectContaining({ code: 'call-rejected' }));
    expect(() => flagList([text])).toThrow(expect.objectContaining({ code: 'call-rejected' }));
  });

  it('quote', () => expect(quoted('a "b" \\', 'x')).toBe('"a \\"b\\" \\\\"'));

  it('allow the flags there are, and no others', () => {
    expect(flagList(['\\Seen', '$Forwarded', 'NonJunk', '$MDNSent', 'a[1'])).toBe('(\\Seen $Forwarded NonJunk $MDNSent a[1)');
    expect(flagList([])).toBe('()');
    for (const flag of ['', 'a b', '(', ')', '\\', '\\\\Seen', 'a"', 'a*', 'ä', 'a]']) expect(() => flagList([flag])).toThrow();
  });
});

const box = (path: string, ...attributes: string[]) => ({ path, delimiter: '/', attributes, isSelectable: true });

describe('roles of mailboxes', () => {
  it.each([
    ['Gesendet', 'sent'],
    ['Gesendete Elemente', 'sent'],
    ['Gesendete Objekte', 'sent'],
    ['Sent Items', 'sent'],
    ['sent', 'sent'],
    ['INBOX/Sent', 'sent'],
    ['[Gmail]/Sent Mail', 'sent'],
    ['Entwürfe', 'drafts'],
    ['Entwu\u0308rfe', 'drafts'],
    ['ENTWÜRFE', 'drafts'],
    ['Drafts', 'drafts'],
    ['Papierkorb', 'trash'],
    ['Gelöschte Elemente', 'trash'],
    ['Trash', 'trash'],
    ['Deleted Items', 'trash'],
    ['Junk', 'junk'],
    ['Spam', 'junk'],
    ['Junk-E-Mail', 'junk'],
    ['junk e‐mail', 'junk'],
    ['Archiv', 'archive'],
    ['Archive', 'archive'],
    ['Quarantäne', 'quarantine'],
    ['Quarantine', 'quarantine'],
    ['INBOX', 'inbox'],
    ['inbox', 'inbox'],
    ['Sentiments', 'other'],
    ['Projekte/Archiv', 'other'],
    ['Rechnungen', 'other'],
  ])('%s is %s', (path, role) => expect(roleOf(box(path), [box(path)])).toBe(role));

  it.each([
    ['\\sent', 'sent'],
    ['\\drafts', 'drafts'],
    ['\\trash', 'trash'],
    ['\\junk', 'junk'],
    ['\\archive', 'archive'],
    ['\\all', 'all'],
    ['\\flagged', 'flagged'],
    ['\\important', 'other'],
  ])('%s means %s, whatever the name', (attribute, role) => expect(roleOf(box('X/Y/Z', attribute), [box('X/Y/Z', attribute)])).toBe(role));

  it('go to one mailbox each: the server’s word before names, the usual name before others', () => {
    expect([...rolesOf([box('Sent'), box('Gesendet', '\\sent'), box('INBOX'), box('Gelöschte Elemente'), box('Papierkorb')])]).toEqual([
      ['Sent', 'other'],
      ['Gesendet', 'sent'],
      ['INBOX', 'inbox'],
      ['Gelöschte Elemente', 'other'],
      ['Papierkorb', 'trash'],
    ]);
  });

  it('leave out mailboxes that hold no mail', () => {
    expect(roleOf({ ...box('Trash', '\\noselect'), isSelectable: false }, [{ ...box('Trash'), isSelectable: false }])).toBe('other');
  });

  it('work without a hierarchy', () =>
    expect(roleOf({ ...box('Sent/Items'), delimiter: null }, [{ ...box('Sent/Items'), delimiter: null }])).toBe('other'));
});

describe('what Exchange lists and is no mail', () => {
  const listed = (...paths: string[]) => paths.map((path) => ({ path, delimiter: '/', attributes: [] as string[] }));

  it('is known by its company, in both languages, with what lies below it', () => {
    const english = listed(
      'INBOX',
      'Calendar',
      'Calendar/Birthdays',
      'Contacts',
      'Tasks',
      'Notes',
      'Projects',
      'Projects/Calendar',
      'Sync Issues/Conflicts',
    );
    expect([...pathsWithoutMail(english)]).toEqual([
      'Calendar',
      'Calendar/Birthdays',
      'Contacts',
      'Tasks',
      'Notes',
      'Sync Issues/Conflicts',
    ]);
    const german = listed('INBOX', 'Kalender', 'Kontakte', 'Aufgaben', 'Postausgang', 'RSS-Feeds', 'Projekte');
    expect([...pathsWithoutMail(german)]).toEqual(['Kalender', 'Kontakte', 'Aufgaben', 'Postausgang', 'RSS-Feeds']);
  });

  it('is somebody’s own mailbox where the others are not there', () => {
    expect([...pathsWithoutMail(listed('INBOX', 'Calendar', 'Notes', 'Outbox', 'Files'))]).toEqual([]);
    expect([...pathsWithoutMail(listed('INBOX', 'Projects/Calendar', 'Projects/Contacts', 'Projects/Tasks', 'Tasks'))]).toEqual([]);
  });

  it('is told apart from a view, which holds no mail of its own either', () => {
    const gmail = [
      ...listed('INBOX', 'Project'),
      { path: '[Gmail]/Wichtig', delimiter: '/', attributes: ['\\HasNoChildren', '\\Important'] },
    ];
    expect([...pathsWithoutMail(gmail)]).toEqual(['[Gmail]/Wichtig']);
  });

  it('has its spam where Exchange Online puts it', () => {
    const all = listed('INBOX', 'Junk Email').map((one) => ({ ...one, isSelectable: true }));
    expect(rolesOf(all).get('Junk Email')).toBe('junk');
  });
});
