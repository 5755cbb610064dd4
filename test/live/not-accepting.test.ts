import { afterAll, beforeAll, expect, it } from 'vitest';
import { createTransport } from 'nodemailer';
import { CompanyWorld } from '../support/company-world.ts';
import { reportFigure } from '../support/figures.ts';
import { until } from '../support/until.ts';

let company: CompanyWorld;

beforeAll(async () => {
  company = await CompanyWorld.start(['anna']);
});
afterAll(() => company?.dispose());

const outside = (subject: string): number => company.outside.mails.filter(({ raw }) => raw.includes(`Subject: ${subject}\r\n`)).length;

/** What the mail server says to a mail that is handed to it now. */
async function reply(): Promise<string> {
  const { submissionPort } = company.pair.primary.postfix;
  const auth = { user: 'anna', pass: 'pw-anna' };
  const transport = createTransport({ host: '127.0.0.1', port: submissionPort, ignoreTLS: true, auth });
  const mail = { from: 'anna@example.com', to: 'anna@example.com', subject: 'probe', text: 'x' };
  return transport.sendMail(mail).then(
    ({ response }) => response,
    (error: Error) => error.message,
  );
}

it('a mail server that puts off every mail, with its mailboxes well: sending goes on through the relay, and comes back', async () => {
  const { postfix } = company.pair.primary;
  const work = await company.open('anna');
  try {
    postfix.setFull(true);
    await until('it has no room', async () => (await reply()).includes('452'));
    const sent = [await work.send('kunde@partner.test', 'eins'), await work.send('lieferant@partner.test', 'zwei')];
    const foundMs = await work.reaches('continuity');
    expect(work.state()).toMatchObject({ cause: 'primary-not-accepting', isDrill: false });
    expect(work.engine.syncStates().find(({ side }) => side === 'primary')?.isConnected).toBe(true);
    for (const id of sent) await work.leaves(id, 'accepted', 'filed');
    await until('both are outside', () => outside('eins') + outside('zwei') === 2);
    const attempts = work.item(sent[0]!).attempts;
    expect(attempts[0]).toMatchObject({ route: 'primary', verdict: 'transient', replyCode: 452, enhancedCode: '4.3.1' });
    expect(attempts.at(-1)).toMatchObject({ route: 'relay', verdict: 'accepted' });
    // Mail comes in as ever.
    await company.arrive('anna', 'inzwischen');
    await work.shows('INBOX', 'inzwischen');
    postfix.setFull(false);
    await until('it has room again', async () => (await reply()).startsWith('250'));
    await company.pair.flush();
    // The longest gap between two looks at a submission that is down.
    work.clock.pass(6 * 60_000);
    await work.reaches('normal');
    reportFigure('outage: every mail put off', { continuityMs: foundMs });
    expect([outside('eins'), outside('zwei')]).toEqual([1, 1]);
    expect([await work.places('eins'), await work.places('zwei')]).toEqual([['Sent \\Seen'], ['Sent \\Seen']]);
    expect(work.run()).toMatchObject({ state: 'finished', balance: { sent: { confirmed: 2 } } });
  } finally {
    await work.close();
  }
});
