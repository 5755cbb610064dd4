import { asMailboxId } from '../../shared/model/ids.ts';
import type { Scenario } from './world.ts';

const SEEN = '\\Seen';
const FLAGGED = '\\Flagged';
const ANSWERED = '\\Answered';

/** Changes other programs make on the servers. */
const byOthers: Scenario[] = [
  { name: 'nothing happens' },
  {
    name: 'new mail at both sides',
    act: async (w) => {
      await w.add('primary', { id: 'n1', path: 'INBOX' });
      await w.add('relay', { id: 'n1', path: 'INBOX' });
    },
  },
  { name: 'new mail at the primary only', act: (w) => w.add('primary', { id: 'n1', path: 'INBOX' }) },
  { name: 'new mail at the relay only', act: (w) => w.add('relay', { id: 'n1', path: 'INBOX', ageDays: 0.1 }), recoverable: [] },
  { name: 'new mail quarantined', act: (w) => w.add('relay', { id: 'q2', path: 'Quarantine' }) },
  {
    name: 'quarantined mail released',
    act: async (w) => {
      await w.remove('relay', 'Quarantine', 'q1');
      await w.add('primary', { id: 'q1', path: 'INBOX', ageDays: 2 });
    },
  },
  {
    name: 'twenty new mails',
    act: async (w) => {
      for (let i = 0; i < 20; i += 1) await w.add('primary', { id: `n${i}`, path: 'INBOX' });
    },
  },
  { name: 'a large new mail', act: (w) => w.add('primary', { id: 'big', path: 'INBOX', bytes: 3_000_000 }) },
  {
    name: 'two large new mails at both sides',
    act: async (w) => {
      for (const side of ['primary', 'relay'] as const)
        for (const id of ['big1', 'big2']) await w.add(side, { id, path: 'INBOX', bytes: 2_700_000 });
    },
  },
  { name: 'mail older than the window arrives', act: (w) => w.add('primary', { id: 'old', path: 'INBOX', ageDays: 60, flags: [SEEN] }) },
  { name: 'old flagged mail arrives', act: (w) => w.add('primary', { id: 'old', path: 'INBOX', ageDays: 60, flags: [FLAGGED] }) },
  { name: 'mail read elsewhere', act: (w) => w.flag('primary', 'INBOX', 'a2', '+', SEEN) },
  { name: 'mail marked unread elsewhere', act: (w) => w.flag('primary', 'INBOX', 'a1', '-', SEEN) },
  { name: 'mail flagged elsewhere', act: (w) => w.flag('primary', 'INBOX', 'a4', '+', FLAGGED) },
  { name: 'mail unflagged elsewhere', act: (w) => w.flag('primary', 'INBOX', 'a3', '-', FLAGGED) },
  { name: 'mail answered and tagged elsewhere', act: (w) => w.flag('primary', 'INBOX', 'a2', '+', ANSWERED, '$Forwarded', 'Wichtig') },
  {
    name: 'flags differ by side',
    act: async (w) => {
      await w.flag('primary', 'INBOX', 'a2', '+', SEEN);
      await w.flag('relay', 'INBOX', 'a2', '+', FLAGGED);
    },
  },
  {
    name: 'all mail read elsewhere',
    act: async (w) => {
      for (const id of ['a2', 'a3', 'a4']) await w.flag('primary', 'INBOX', id, '+', SEEN);
    },
  },
  { name: 'mail deleted at the primary', act: (w) => w.remove('primary', 'INBOX', 'a2'), recoverable: ['a2'] },
  {
    name: 'mail deleted at both sides',
    act: async (w) => {
      await w.remove('primary', 'INBOX', 'a2');
      await w.remove('relay', 'INBOX', 'a2');
    },
    recoverable: ['a2'],
  },
  { name: 'mail expired at the relay', act: (w) => w.remove('relay', 'INBOX', 'a2'), recoverable: [] },
  {
    name: 'all mail of a mailbox deleted',
    act: async (w) => {
      for (const id of ['p1', 'p2']) await w.remove('primary', 'Projects', id);
    },
    recoverable: ['p1', 'p2'],
  },
  { name: 'a draft deleted', act: (w) => w.remove('primary', 'Drafts', 'd1'), recoverable: ['d1'] },
  {
    name: 'a draft replaced',
    act: async (w) => {
      await w.add('primary', { id: 'd2', path: 'Drafts', flags: ['\\Draft'] });
      await w.remove('primary', 'Drafts', 'd1');
    },
    recoverable: ['d1'],
  },
  { name: 'mail moved to another mailbox', act: (w) => w.move('primary', 'INBOX', 'a1', 'Projects'), recoverable: [] },
  { name: 'mail moved to a mailbox passed earlier', act: (w) => w.move('primary', 'Projects', 'p1', 'INBOX'), recoverable: [] },
  {
    name: 'mail moved there and back',
    act: async (w) => {
      await w.move('primary', 'INBOX', 'a1', 'Projects');
      await w.move('primary', 'Projects', 'a1', 'INBOX');
    },
    recoverable: [],
  },
  { name: 'mail moved to the trash', act: (w) => w.move('primary', 'INBOX', 'a1', 'Trash'), recoverable: ['a1'] },
  {
    name: 'large mail moved',
    seed: [{ id: 'big', path: 'INBOX', bytes: 2_500_000 }],
    act: (w) => w.move('primary', 'INBOX', 'big', 'Projects'),
    recoverable: [],
  },
  { name: 'mail copied', act: (w) => w.copy('primary', 'INBOX', 'a1', 'Projects') },
  { name: 'mail copied within its mailbox', act: (w) => w.copy('primary', 'INBOX', 'a1', 'INBOX') },
  {
    name: 'mail moved and flagged',
    act: async (w) => {
      await w.flag('primary', 'INBOX', 'a1', '+', FLAGGED);
      await w.move('primary', 'INBOX', 'a1', 'Projects');
    },
    recoverable: [],
  },
  {
    name: 'two mails swap mailboxes',
    act: async (w) => {
      await w.move('primary', 'INBOX', 'a1', 'Projects');
      await w.move('primary', 'Projects', 'p1', 'INBOX');
    },
    recoverable: [],
  },
  {
    name: 'a mailbox created with mail',
    act: async (w) => {
      await w.primary.create('Neu');
      await w.primary.subscribe('Neu');
      await w.add('primary', { id: 'n1', path: 'Neu' });
    },
  },
  {
    name: 'a mailbox with umlauts created',
    act: async (w) => {
      await w.primary.create('Größe & Maß');
      await w.primary.subscribe('Größe & Maß');
      await w.add('primary', { id: 'n1', path: 'Größe & Maß' });
    },
  },
  {
    name: 'a mailbox created, mail moved into it',
    act: async (w) => {
      await w.primary.create('Neu');
      await w.primary.subscribe('Neu');
      await w.move('primary', 'INBOX', 'a1', 'Neu');
    },
    recoverable: [],
  },
  {
    name: 'a mailbox renamed',
    act: async (w) => {
      await w.primary.rename('Projects', 'Projekte');
      await w.primary.subscribe('Projekte');
    },
    recoverable: [],
  },
  {
    name: 'a mailbox renamed and added to',
    act: async (w) => {
      await w.primary.rename('Projects', 'Projekte');
      await w.primary.subscribe('Projekte');
      await w.add('primary', { id: 'n1', path: 'Projekte' });
    },
    recoverable: [],
  },
  { name: 'a mailbox deleted', act: (w) => w.primary.delete('Projects'), recoverable: ['p1', 'p2'] },
  {
    name: 'a mailbox deleted and made again',
    act: async (w) => {
      await w.primary.delete('Projects');
      await w.primary.create('Projects');
      await w.add('primary', { id: 'n1', path: 'Projects' });
    },
    recoverable: ['p1', 'p2'],
  },
  { name: 'a mailbox unsubscribed', act: (w) => w.primary.subscribe('Projects', false) },
  { name: 'UIDVALIDITY changed', act: (_w, t) => t.setUidValidity('INBOX', 424242), recoverable: [] },
  { name: 'UIDVALIDITY went down', act: (_w, t) => t.setUidValidity('INBOX', 5), recoverable: [] },
  {
    name: 'UIDVALIDITY changed and mail deleted',
    act: async (w, t) => {
      await w.remove('primary', 'INBOX', 'a2');
      await t.setUidValidity('INBOX', 424242);
    },
    recoverable: ['a2'],
  },
  {
    name: 'UIDVALIDITY changed and mail arrived',
    act: async (w, t) => {
      await w.add('primary', { id: 'n1', path: 'INBOX' });
      await t.setUidValidity('INBOX', 424242);
    },
    recoverable: [],
  },
  {
    name: 'UIDVALIDITY changed and mail moved away',
    act: async (w, t) => {
      await w.move('primary', 'INBOX', 'a1', 'Projects');
      await t.setUidValidity('INBOX', 424242);
    },
    recoverable: [],
  },
  {
    name: 'everything at once',
    act: async (w) => {
      await w.add('primary', { id: 'n1', path: 'INBOX' });
      await w.remove('primary', 'INBOX', 'a2');
      await w.move('primary', 'INBOX', 'a1', 'Projects');
      await w.flag('primary', 'INBOX', 'a4', '+', SEEN);
      await w.add('relay', { id: 'n2', path: 'INBOX', ageDays: 0.1 });
    },
    recoverable: ['a2'],
  },
];

/** Changes the user makes here, carried to the primary; some against changes made there meanwhile. */
const byUs: Scenario[] = [
  { name: 'read here', ours: (e, f) => e.actions.setFlag([f('a2')], 'seen', true), expect: { a2: ['INBOX \\Seen'] } },
  { name: 'marked unread here', ours: (e, f) => e.actions.setFlag([f('a1')], 'seen', false), expect: { a1: ['INBOX'] } },
  { name: 'flagged here', ours: (e, f) => e.actions.setFlag([f('a4')], 'flagged', true), expect: { a4: ['INBOX \\Flagged'] } },
  {
    name: 'read here and there',
    ours: (e, f) => e.actions.setFlag([f('a2')], 'seen', true),
    act: (w) => w.flag('primary', 'INBOX', 'a2', '+', SEEN),
    expect: { a2: ['INBOX \\Seen'] },
  },
  {
    name: 'flagged here, read there',
    ours: (e, f) => e.actions.setFlag([f('a2')], 'flagged', true),
    act: (w) => w.flag('primary', 'INBOX', 'a2', '+', SEEN),
    expect: { a2: ['INBOX \\Flagged \\Seen'] },
  },
  {
    name: 'flagged here, moved there',
    ours: (e, f) => e.actions.setFlag([f('a2')], 'flagged', true),
    act: (w) => w.move('primary', 'INBOX', 'a2', 'Projects'),
    expect: { a2: ['Projects \\Flagged'] },
  },
  {
    name: 'flagged here, deleted there',
    ours: (e, f) => e.actions.setFlag([f('a2')], 'flagged', true),
    act: (w) => w.remove('primary', 'INBOX', 'a2'),
    expect: { a2: [] },
    recoverable: ['a2'],
  },
  {
    name: 'several read and flagged here',
    ours: (e, f) => {
      e.actions.setFlag([f('a2'), f('a3'), f('a4')], 'seen', true);
      e.actions.setFlag([f('a1'), f('a2')], 'flagged', true);
    },
    expect: { a1: ['INBOX \\Flagged \\Seen'], a2: ['INBOX \\Flagged \\Seen'], a3: ['INBOX \\Flagged \\Seen'], a4: ['INBOX \\Seen'] },
  },
  {
    name: 'moved here',
    ours: (e, f) => e.actions.changePlace(f('a1'), { kind: 'move', targetMailboxId: f.mailbox('Projects') }),
    expect: { a1: ['Projects \\Seen'] },
    recoverable: [],
  },
  {
    name: 'moved here and there to the same place',
    ours: (e, f) => e.actions.changePlace(f('a1'), { kind: 'move', targetMailboxId: f.mailbox('Projects') }),
    act: (w) => w.move('primary', 'INBOX', 'a1', 'Projects'),
    expect: { a1: ['Projects \\Seen'] },
    recoverable: [],
  },
  {
    name: 'moved here, deleted there',
    ours: (e, f) => e.actions.changePlace(f('a2'), { kind: 'move', targetMailboxId: f.mailbox('Projects') }),
    act: (w) => w.remove('primary', 'INBOX', 'a2'),
    expect: { a2: [] },
    recoverable: ['a2'],
  },
  {
    name: 'flagged, then moved here',
    ours: (e, f) => {
      e.actions.setFlag([f('a2')], 'flagged', true);
      e.actions.changePlace(f('a2'), { kind: 'move', targetMailboxId: f.mailbox('Projects') });
    },
    expect: { a2: ['Projects \\Flagged'] },
    recoverable: [],
  },
  {
    name: 'copied here',
    ours: (e, f) => e.actions.changePlace(f('a1'), { kind: 'copy', targetMailboxId: f.mailbox('Projects') }),
    expect: { a1: ['INBOX \\Seen', 'Projects \\Seen'] },
  },
  { name: 'deleted here', ours: (e, f) => e.actions.changePlace(f('a2'), { kind: 'delete' }), expect: { a2: [] }, recoverable: ['a2'] },
  {
    name: 'deleted here and there',
    ours: (e, f) => e.actions.changePlace(f('a2'), { kind: 'delete' }),
    act: (w) => w.remove('primary', 'INBOX', 'a2'),
    expect: { a2: [] },
    recoverable: ['a2'],
  },
  {
    name: 'mailbox created here',
    ours: (e, f) => e.actions.changeMailbox(f.accountId, { kind: 'create-mailbox', path: 'Von hier' }),
    expect: {},
  },
  {
    name: 'mailbox renamed here',
    ours: (e, f) => e.actions.changeMailbox(f.accountId, { kind: 'rename-mailbox', mailboxId: f.mailbox('Projects'), path: 'Umbenannt' }),
    expect: { p1: ['Umbenannt \\Seen'], p2: ['Umbenannt'] },
    recoverable: [],
  },
  {
    name: 'flagged here while UIDVALIDITY changed',
    ours: (e, f) => e.actions.setFlag([f('a2')], 'flagged', true),
    act: (_w, t) => t.setUidValidity('INBOX', 424242),
    expect: { a2: ['INBOX \\Flagged'] },
  },
  {
    name: 'moved here while UIDVALIDITY changed',
    ours: (e, f) => e.actions.changePlace(f('a1'), { kind: 'move', targetMailboxId: f.mailbox('Projects') }),
    act: (_w, t) => t.setUidValidity('INBOX', 424242),
    expect: { a1: ['Projects \\Seen'] },
    recoverable: [],
  },
  {
    name: 'deleted here while UIDVALIDITY changed',
    ours: (e, f) => e.actions.changePlace(f('a2'), { kind: 'delete' }),
    act: (_w, t) => t.setUidValidity('INBOX', 424242),
    expect: { a2: [] },
    recoverable: ['a2'],
  },
];

const moveTo =
  (id: string, path: string): NonNullable<Scenario['ours']> =>
  (e, f) =>
    void e.actions.move([f(id)], asMailboxId(f.mailbox(path)));

/** What a person does with mail: chains, the Trash, restoring, undoing, and meeting what others did. */
const actions: Scenario[] = [
  { name: 'archived by us', ours: (e, f) => void e.actions.archive([f('a1')]), expect: { a1: ['Archive \\Seen'] }, recoverable: [] },
  {
    name: 'put into the Trash by us',
    ours: (e, f) => void e.actions.delete([f('a2'), f('p1')]),
    expect: { a2: ['Trash'], p1: ['Trash \\Seen'] },
    recoverable: ['a2', 'p1'],
  },
  {
    name: 'three moved at once by us',
    ours: (e, f) => void e.actions.move([f('a1'), f('a2'), f('a3')], asMailboxId(f.mailbox('Projects'))),
    act: (w) => w.flag('primary', 'INBOX', 'a2', '+', SEEN),
    expect: { a1: ['Projects \\Seen'], a2: ['Projects \\Seen'], a3: ['Projects \\Flagged'] },
    recoverable: [],
  },
  {
    name: 'three put into the Trash by us, one of them answered there',
    ours: (e, f) => void e.actions.delete([f('a1'), f('a2'), f('a4')]),
    act: (w) => w.flag('primary', 'INBOX', 'a2', '+', ANSWERED),
    expect: { a1: ['Trash \\Seen'], a2: ['INBOX \\Answered'], a4: ['Trash'] },
    recoverable: ['a1', 'a4'],
  },
  {
    name: 'three read by us, one of them gone there',
    ours: (e, f) => e.actions.setFlag([f('a2'), f('a3'), f('a4')], 'seen', true),
    act: (w) => w.remove('primary', 'INBOX', 'a4'),
    expect: { a2: ['INBOX \\Seen'], a3: ['INBOX \\Flagged \\Seen'], a4: [] },
    recoverable: ['a4'],
  },
  {
    name: 'moved twice by us',
    ours: (e, f) => {
      moveTo('a2', 'Projects')(e, f);
      moveTo('a2', 'Archive')(e, f);
    },
    expect: { a2: ['Archive'] },
    recoverable: [],
  },
  {
    name: 'moved, flagged, moved on, read and deleted by us',
    ours: (e, f) => {
      moveTo('a2', 'Projects')(e, f);
      e.actions.setFlag([f('a2')], 'flagged', true);
      moveTo('a2', 'Archive')(e, f);
      e.actions.setFlag([f('a2')], 'seen', true);
      e.actions.delete([f('a2')]);
    },
    expect: { a2: ['Trash \\Flagged \\Seen'] },
    recoverable: ['a2'],
  },
  {
    name: 'deleted and restored by us',
    ours: (e, f) => {
      e.actions.delete([f('a2')]);
      e.actions.restore([f('a2')]);
    },
    expect: { a2: ['INBOX'] },
    recoverable: [],
  },
  {
    name: 'a move of ours undone after it was carried out',
    before: { ours: moveTo('a2', 'Projects') },
    ours: (e) => void e.actions.undo(1),
    expect: { a2: ['INBOX'] },
    recoverable: [],
  },
  {
    name: 'restored by us out of the Trash',
    before: { ours: (e, f) => void e.actions.delete([f('a2')]) },
    ours: (e, f) => void e.actions.restore([f('a2')]),
    expect: { a2: ['INBOX'] },
    recoverable: [],
  },
  {
    name: 'restored by us, out of the Trash, flagged and moved on',
    before: { ours: (e, f) => void e.actions.delete([f('a2')]) },
    ours: (e, f) => {
      e.actions.restore([f('a2')]);
      e.actions.setFlag([f('a2')], 'flagged', true);
      moveTo('a2', 'Projects')(e, f);
    },
    expect: { a2: ['Projects \\Flagged'] },
    recoverable: [],
  },
  {
    name: 'restored by us from what is stored here',
    before: { act: (w) => w.remove('primary', 'INBOX', 'a1') },
    ours: (e, f) => void e.actions.restore([f('a1')]),
    expect: { a1: ['INBOX \\Seen'] },
    recoverable: [],
  },
  {
    name: 'quarantined mail restored by us',
    ours: (e, f) => void e.actions.restore([f('q1')]),
    expect: { q1: ['INBOX'] },
    recoverable: [],
  },
  {
    name: 'put into the Trash by us, answered there',
    ours: (e, f) => void e.actions.delete([f('a2')]),
    act: (w) => w.flag('primary', 'INBOX', 'a2', '+', ANSWERED),
    expect: { a2: ['INBOX \\Answered'] },
    recoverable: [],
  },
  {
    name: 'moved by us, moved elsewhere there',
    ours: moveTo('a2', 'Projects'),
    act: (w) => w.move('primary', 'INBOX', 'a2', 'Archive'),
    expect: { a2: ['Archive'] },
    recoverable: [],
  },
  {
    name: 'put into the Trash by us and there',
    ours: (e, f) => void e.actions.delete([f('a2')]),
    act: (w) => w.move('primary', 'INBOX', 'a2', 'Trash'),
    expect: { a2: ['Trash'] },
    recoverable: ['a2'],
  },
  {
    name: 'flagged by us, moved there to a mailbox passed earlier',
    ours: (e, f) => e.actions.setFlag([f('p2')], 'flagged', true),
    act: (w) => w.move('primary', 'Projects', 'p2', 'INBOX'),
    expect: { p2: ['INBOX \\Flagged'] },
    recoverable: [],
  },
  {
    name: 'answered by us',
    ours: (e, f) => void e.actions.recordMark(f('a2'), '\\answered', 'outbox:1'),
    expect: { a2: ['INBOX \\Answered'] },
  },
];

export const scenarios: readonly Scenario[] = [...byOthers, ...byUs, ...actions];
