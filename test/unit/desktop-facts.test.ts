import { expect, it } from 'vitest';
import { FactsReader } from '../../main/app/desktop/facts-reader.ts';
import type { InboxLook } from '../../main/app/desktop/arrivals.ts';
import { asMailboxId } from '../../shared/model/ids.ts';
import { testAccount } from '../support/draft-random.ts';

it('mail is the person’s own from every address of theirs, of whichever account', async () => {
  const account = testAccount({ email: 'Me@example.com', aliases: ['Chef@example.com'] });
  const inbox = {
    ...{
      key: '7',
      accountId: account.id,
      mailboxId: asMailboxId(7),
      side: 'primary',
      path: 'INBOX',
      name: 'INBOX',
      depth: 0,
      role: 'inbox',
    },
    ...{ total: 0, unseen: 0, isComplete: true, coveredSince: 0, missingBodies: 0 },
  };
  const answers: Readonly<Record<string, unknown>> = {
    ...{ 'accounts.list': [account], 'mailboxes.list': [inbox], 'outbox.list': [], 'continuity.state': [], 'sync.state': [] },
    'messages.list': { total: 0, rows: [] },
  };
  const running = { phase: 'running', error: null, lock: null } as never;
  const looks = await new Promise<readonly InboxLook[]>((resolve) => {
    const engine = { state: () => running, call: (name: string) => Promise.resolve(answers[name]) };
    new FactsReader(engine, (_facts, inboxes) => inboxes && resolve(inboxes)).onState(running);
  });
  expect(looks.map(({ own }) => [...own])).toEqual([['me@example.com', 'chef@example.com']]);
});
