import { afterEach, expect, it } from 'vitest';
import { EngineRig } from '../support/engine-rig.ts';
import { startImapScript, without, type ImapScript } from '../support/imap-script.ts';
import { profileMail } from '../support/script-profile.ts';

const COUNT = 120;
const closers: (() => Promise<void>)[] = [];
afterEach(async () => {
  for (const close of closers.splice(0).reverse()) await close();
});

async function mirrored(): Promise<{ server: ImapScript; rig: EngineRig; steps: string[] }> {
  const steps: string[] = [];
  // Without CONDSTORE every look selects the mailbox; without EMAILID a message is known by its summary.
  const server = await startImapScript({ capabilities: without('CONDSTORE', 'QRESYNC', 'OBJECTID') });
  closers.push(() => server.close());
  const inbox = server.store.get('INBOX');
  const at = Math.floor(Date.now() / 1000) * 1000 - 86_400_000;
  for (let n = 1; n <= COUNT; n += 1) inbox.add({ raw: profileMail(`mail-${n}`), internalDate: at + n * 1000 });
  const login = { port: server.port, user: 'alice', password: 'pw-alice' };
  const rig = await EngineRig.open({ primary: login, step: (name) => void steps.push(name) });
  closers.push(() => rig.close());
  await rig.mirror();
  steps.length = 0;
  return { server, rig, steps };
}

const asked = (server: ImapScript, since: number): string[] =>
  server.commands
    .slice(since)
    .filter(({ name, args }) => name === 'UID FETCH' && args.includes('HEADER.FIELDS'))
    .map(({ args }) => args.split(' ')[0]!);

it('asks for no more than the highest known messages, once in a session', async () => {
  const { server, rig, steps } = await mirrored();
  const before = server.commands.length;
  await rig.mirror();
  expect(asked(server, before)).toEqual([`${COUNT - 4}:${COUNT}`]);
  expect(steps).not.toContain('mirror.displace');
});

it('one answer that is garbled takes no message from its place', async () => {
  const { server, rig, steps } = await mirrored();
  const garble = (answer: Buffer): Buffer => Buffer.from(answer.toString('latin1').replaceAll('mail-120', 'else-120'), 'latin1');
  let isGarbled = false;
  const withdraw = server.fault({
    command: 'UID FETCH',
    nth: 'every',
    action: {
      rewrite: (answer) => {
        if (isGarbled || !answer.includes('mail-120')) return answer;
        isGarbled = true;
        return garble(answer);
      },
    },
  });
  const before = server.commands.length;
  await rig.mirror();
  withdraw();
  expect(isGarbled).toBe(true);
  expect(asked(server, before).length).toBeGreaterThan(1);
  expect(steps).not.toContain('mirror.displace');
  expect(rig.rows('INBOX')).toHaveLength(COUNT);
});

it('a mailbox that was emptied is asked about in few commands', async () => {
  const { server, rig, steps } = await mirrored();
  const inbox = server.store.get('INBOX');
  for (const { uid } of [...inbox.messages]) inbox.expunge(uid);
  const before = server.commands.length;
  await rig.mirror();
  expect(asked(server, before).length).toBeLessThanOrEqual(3);
  expect(steps).not.toContain('mirror.displace');
  expect(rig.engine.syncStates()[0]?.error?.code).toBe('mass-vanish-held');
});

it('a server that was set back: what it lost is recoverable, what has its UIDs now is new mail', async () => {
  const { server, rig, steps } = await mirrored();
  const inbox = server.store.get('INBOX');
  const kept = COUNT - 20;
  const lost = inbox.messages.splice(kept);
  inbox.uidNext = kept + 1;
  for (let n = 1; n <= lost.length; n += 1) {
    inbox.add({ raw: profileMail(`new-${n}`), internalDate: lost[n - 1]!.internalDate + 3_600_000 });
  }
  expect(inbox.uidNext).toBe(COUNT + 1);
  await rig.mirror();
  await rig.mirror();
  const names = (rows: readonly { subject: string }[]): string[] => rows.map((row) => row.subject.replace('subject ', '').split('-')[0]!);
  expect(steps.filter((name) => name === 'mirror.displace')).toHaveLength(1);
  expect(names(rig.rows('INBOX')).filter((name) => name === 'new')).toHaveLength(lost.length);
  expect(names(rig.rows('INBOX'))).toHaveLength(COUNT);
  expect(rig.recoverable()).toHaveLength(lost.length);
  expect(server.mutating()).toEqual([]);
});
