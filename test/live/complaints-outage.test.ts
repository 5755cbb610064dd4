import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { openMessage } from '../../main/engine/read/read-message.ts';
import { CompanyWorld, type Work } from '../support/company-world.ts';
import { reportFigure } from '../support/figures.ts';
import { until } from '../support/until.ts';

const SECOND = 1_000;

/** One outage of real servers with everything a person does in it, played through once; every complaint looks at how it came out. */
describe('an outage from its begin to its end', () => {
  let company: CompanyWorld;
  let work: Work;
  let events: string[] = [];
  let foundMs = 0;
  const during = { readable: '', inbox: [] as string[], states: [] as unknown[] };
  const mails = ['alt 1', 'alt 2', 'alt 3', 'neu 1', 'neu 2', 'neu 3', 'ausgang 1', 'ausgang 2'];

  beforeAll(async () => {
    company = await CompanyWorld.start(['anna']);
    await company.arrive('anna', 'alt 1', 'alt 2', 'alt 3');
    work = await company.open('anna', { onEvent: (name) => void events.push(name) });
    for (const name of ['alt 1', 'alt 2', 'alt 3']) await work.fromPrimary(name);
    // Servers date mail by whole seconds: what came in the second in which the outage begins counts as received in it.
    const arrivedBy = Math.floor(Date.now() / SECOND);
    await until('the next second', () => Math.floor(Date.now() / SECOND) > arrivedBy);

    await company.pair.primary.down('KILL');
    foundMs = await work.reaches('continuity');
    // Opened cold, as by somebody who comes in only now.
    await work.rig.restart();
    work.engine.start();
    expect(work.state().mode).toBe('continuity');
    during.readable = (await openMessage(work.engine.store, work.engine.deps.ingest, work.entry('alt 1'))).text ?? '';
    await company.arrive('anna', 'neu 1', 'neu 2', 'neu 3');
    for (const name of ['neu 1', 'neu 2', 'neu 3']) await work.shows('INBOX', name);
    during.inbox = work.list('INBOX');
    const { actions: now } = work.engine;
    now.setFlag([work.entry('alt 1')], 'seen', true);
    now.move([work.entry('alt 2')], work.mailbox('Projects'));
    now.delete([work.entry('alt 3')]);
    now.setFlag([work.entry('neu 1')], 'seen', true);
    now.move([work.entry('neu 2')], work.mailbox('Projects'));
    now.delete([work.entry('neu 3')]);
    const sent = [await work.send('kunde@partner.test', 'ausgang 1'), await work.send('kunde@partner.test', 'ausgang 2')];
    for (const id of sent) await work.leaves(id, 'accepted', 'filed');
    await until('both are outside', () => company.outside.mails.filter(({ raw }) => raw.includes('Subject: ausgang')).length === 2);
    during.states = sent.map((id) => [work.item(id).state, work.item(id).route, work.item(id).sentCopy]);

    events = [];
    await company.pair.primary.up();
    await company.pair.flush();
    await work.reaches('normal');
  });
  afterAll(async () => {
    await work?.close();
    await company?.dispose();
  });

  const places = async () => Object.fromEntries(await Promise.all(mails.map(async (name) => [name, await work.places(name)] as const)));
  const without = (found: Record<string, string[]>) =>
    Object.fromEntries(Object.entries(found).map(([name, list]) => [name, list.map((place) => place.split(' ')[0])]));

  it('complaint 19: it is found out and worked through without anybody switching anything on', () => {
    reportFigure('complaint 19: continuity by itself', { ms: foundMs, atMostMs: 15 * SECOND });
    expect(foundMs).toBeLessThanOrEqual(15 * SECOND);
    const changes = work.engine.features.monitor.history(work.id, 20);
    expect(changes.map((one) => one.cause)).toContain('primary-unreachable');
    expect(changes.map((one) => one.reason).filter((reason) => reason.endsWith('-by-person'))).toEqual([]);
    expect(during.states).toEqual([
      ['accepted', 'relay', 'waiting'],
      ['accepted', 'relay', 'waiting'],
    ]);
  });

  it('complaint 11: mail from before it is listed and can be read in it, together with the new mail', () => {
    expect(during.inbox.sort()).toEqual(['alt 1', 'alt 2', 'alt 3', 'neu 1', 'neu 2', 'neu 3']);
    expect(during.readable).toContain('Text of alt 1.');
  });

  it('complaint 1: no mail is there twice afterwards, on the server or in a list', async () => {
    const found = await places();
    expect(Object.values(found).map((list) => list.length)).toEqual(mails.map(() => 1));
    const lists = ['INBOX', 'Projects', 'Sent'].flatMap((path) => work.list(path));
    expect(lists.length).toBe(new Set(lists).size);
  });

  it('complaint 3: own sent mail stands in Sent, and not in the inbox', async () => {
    expect(await work.places('ausgang 1')).toEqual(['Sent \\Seen']);
    expect(await work.places('ausgang 2')).toEqual(['Sent \\Seen']);
  });

  it('complaint 4: sent and received mail are not thrown together into the inbox', async () => {
    const client = await company.pair.primary.dovecot.connect('anna');
    await client.select('INBOX', { readOnly: true });
    expect((await client.uids()).length).toBe(2);
    await client.close();
    expect([work.list('INBOX').sort(), work.list('Sent').sort()]).toEqual([
      ['alt 1', 'neu 1'],
      ['ausgang 1', 'ausgang 2'],
    ]);
  });

  it('complaint 6: what was read, filed and deleted in it is so on the mail server', async () => {
    const found = await places();
    expect(found).toMatchObject({ 'alt 1': ['INBOX \\Seen'], 'neu 1': ['INBOX \\Seen'] });
    expect(without(found)).toMatchObject({ 'alt 2': ['Projects'], 'alt 3': ['Trash'], 'neu 2': ['Projects'], 'neu 3': ['Trash'] });
  });

  it('complaint 9: of every mail that was under way its end is told, and none stays "deferred"', () => {
    expect(work.balance().filter((line) => !line.startsWith('change'))).toEqual([
      ...['received confirmed neu 1', 'received confirmed neu 2', 'received confirmed neu 3'],
      ...['sent confirmed ausgang 1', 'sent confirmed ausgang 2'],
    ]);
    expect(work.engine.features.outbox.items().map((one) => [one.subject, one.state, one.recipients[0]?.state])).toEqual([
      ['ausgang 2', 'filed', 'accepted'],
      ['ausgang 1', 'filed', 'accepted'],
    ]);
  });

  it('complaint 10: the end is told by itself, with a balance, until somebody has seen it', () => {
    expect(events).toContain('reconcile.changed');
    expect(events).toContain('continuity.state');
    const run = work.run();
    expect(run).toMatchObject({ state: 'finished', isAcknowledged: false });
    expect(run.finishedAt).not.toBeNull();
    for (const { expected, confirmed, exceptions } of Object.values(run.balance)) expect([confirmed, exceptions]).toEqual([expected, 0]);
    expect(run.balance).toMatchObject({ sent: { expected: 2 }, received: { expected: 3 }, change: { expected: 6 } });
  });
});
