import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { AccountConfigInput, Side } from '../../shared/model/account.ts';
import { drillSchema } from '../../shared/model/drill.ts';
import { makeCheapVault } from '../support/cheap-vault.ts';
import { CommandLine, runAlone, type EndedCommand } from '../support/command-line.ts';
import { CompanyWorld } from '../support/company-world.ts';

const USER = 'anna';
const PASSPHRASE = 'nine small otters count 47 tins';
const EMAIL = `${USER}@example.com`;
let company: CompanyWorld;
let folder: string;
let commands: CommandLine;

beforeAll(async () => {
  commands = new CommandLine();
  company = await CompanyWorld.start([USER]);
  folder = mkdtempSync(path.join(tmpdir(), 'holdover-cli-'));
  writeFileSync(path.join(folder, 'passphrase'), `${PASSPHRASE}\n`, { mode: 0o600 });
  makeCheapVault(path.join(folder, 'profile'), PASSPHRASE);
});
afterAll(async () => {
  await commands?.close();
  await company?.dispose();
  rmSync(folder, { recursive: true, force: true });
});

function given(args: readonly string[]): string[] {
  const own = ['--profile', path.join(folder, 'profile'), '--passphrase-file', path.join(folder, 'passphrase')];
  return [...args, ...(args.length === 0 || args[0] === 'help' ? [] : own)];
}
const cli = (...args: string[]): Promise<EndedCommand> => commands.run(given(args));
/** The command line as IT runs it: a process of its own. */
const alone = (...args: string[]): Promise<EndedCommand> => runAlone(given(args));

function configOf(change: Partial<AccountConfigInput> = {}): AccountConfigInput {
  const side = (of: Side) => {
    const { dovecot, postfix } = company.pair[of];
    const at = (port: number) => ({ host: '127.0.0.1', port, security: 'plain' as const, user: USER });
    return { imap: at(dovecot.imapPort), smtp: at(postfix.submissionPort) };
  };
  const continuity = { stableSeconds: 0, previewSeconds: 0, undoSendSeconds: 0, deliveryGraceSeconds: 1 };
  return { email: EMAIL, primary: side('primary'), relay: side('relay'), continuity, ...change };
}

function enrolment(config: unknown): string {
  const one = { imap: { type: 'password', password: `pw-${USER}` } };
  const file = path.join(folder, 'enrol.json');
  writeFileSync(
    file,
    typeof config === 'string' ? config : JSON.stringify({ accounts: [{ config, secrets: { primary: one, relay: one } }] }),
  );
  return file;
}

const lines = (text: string): string[] => text.trimEnd().split('\n');

describe('the command line about outages', () => {
  it('says how it is used', async () => {
    const [help, none, wrong] = [await alone('help'), await cli(), await cli('rehearse')];
    expect([help.code, none.code, wrong.code]).toEqual([0, 2, 2]);
    expect(help.out).toMatch(/^ {2}drill .*plays an outage on this device only/mu);
    expect(help.out).toMatch(/^ {2}reports .*what was carried back/mu);
    expect(none.out).toBe(help.out);
    expect(wrong.err).toContain('unknown command: rehearse');
  });

  it('refuses what makes no sense, says why, and has done nothing', async () => {
    const before = await cli('drill');
    expect(before).toMatchObject({ code: 1, out: '' });
    expect(before.err).toMatch(/^account-missing: no such account\n {2}enrol an account first/u);
    expect(await cli('reports')).toMatchObject({ code: 0, err: '' });
    for (const [args, said] of [
      [['drill', '--send', 'everybody'], '--send is self or none'],
      [['drill', '--sent', 'none'], "Unknown option '--sent'"],
      [['reports', '--json=yes'], '--json'],
      [['enrol'], '--file FILE is needed'],
    ] as const) {
      const ended = await cli(...args);
      expect(ended, args.join(' ')).toMatchObject({ code: 2, out: '' });
      expect(ended.err).toMatch(new RegExp(`\\n\\n {2}${args[0]} `, 'u'));
      expect(ended.err).toContain(said);
    }
  });

  it.each([
    ['no such file', null, 'cannot be read (ENOENT)'],
    ['no JSON', '{"accounts": [{"password": "canary-password"', 'not JSON'],
    ['a word that is none', { failover: 'perhaps' }, 'accounts[0].config.managed.failover'],
    ['a key that is none', { failOver: 'ask' }, 'accounts[0].config.managed'],
  ])('refuses an enrolment file that is wrong, and says where: %s', async (_name, content, place) => {
    const managed = content as AccountConfigInput['managed'];
    const file =
      content === null ? path.join(folder, 'none.json') : enrolment(typeof content === 'string' ? content : configOf({ managed }));
    const ended = await cli('enrol', '--file', file);
    expect(ended).toMatchObject({ code: 1, out: '' });
    expect(ended.err).toContain(place);
    expect(ended.err).not.toContain('canary-password');
  });

  it('enrols, and takes over from a later file what it says anew', async () => {
    expect(await cli('enrol', '--file', enrolment(configOf()))).toEqual({ code: 0, out: 'enrolled account 1\n', err: '' });
    const later = configOf({ managed: { failover: 'ask', control: 'automatic' }, signature: 'of another file' });
    const again = await cli('enrol', '--file', enrolment(later));
    expect(again).toMatchObject({ code: 0, err: '' });
    expect(again.out).toBe('account 1 was enrolled before; its servers and what IT holds of it are as in the file\n');
  });

  it('plays an outage and gives marks: as a table, and for programs', { timeout: 120_000 }, async () => {
    await company.arrive(USER, 'mail 1', 'mail 2');
    await company.pair.flush();
    const drill = await alone('drill', '--send', 'none');
    expect(drill.err).toBe('');
    const shown = lines(drill.out);
    expect(shown[0]).toMatch(/^step +status +reached +took +found/u);
    expect(shown.at(-1), drill.out).toBe('score: 100 of 100 (finished)');
    expect(shown.filter((line) => / skipped /u.test(line)).map((line) => line.split(' ')[0])).toEqual(['send', 'arrival', 'reconcile']);
    expect(drill.code).toBe(0);
    const asJson = await cli('drill', '--json', '--account', EMAIL.toUpperCase());
    const report = drillSchema.parse(JSON.parse(asJson.out));
    expect(report).toMatchObject({ state: 'finished', score: 100 });
    expect(asJson.code).toBe(0);
    // The mail to oneself came by the relay, and a copy is in Sent.
    expect(report.steps.filter((one) => one.status !== 'passed')).toEqual([]);
  });

  it('reports what was carried back, newest first, for one account or all', async () => {
    const reports = await cli('reports');
    expect(reports).toMatchObject({ code: 0, err: '' });
    expect(lines(reports.out)[0]).toMatch(/^run +state +outage since +expected +carried back +exceptions/u);
    const runs = JSON.parse((await cli('reports', '--json', '--account', EMAIL)).out) as { id: number; state: string; counts: unknown[] }[];
    expect(runs.length).toBe(lines(reports.out).length - 1);
    expect(runs.length).toBeGreaterThan(0);
    expect(runs.map((one) => one.state)).toEqual(runs.map(() => 'finished'));
    expect(runs.map((one) => one.id)).toEqual(runs.map((one) => one.id).sort((a, b) => b - a));
    const [first] = runs;
    expect(lines(reports.out)[1]).toMatch(new RegExp(`^${first!.id} +finished +\\d{4}-\\d\\d-\\d\\dT\\S+Z +[1-9]\\d* +[1-9]\\d* +0$`, 'u'));
    expect(await cli('reports', '--account', 'nobody@example.com')).toMatchObject({ code: 1, out: '' });
  });

  it('ends with 1 where a step did not pass, and names the step', { timeout: 120_000 }, async () => {
    // The relay answers, and takes no mail.
    await company.pair.relay.postfix.stop();
    const drill = await alone('drill', '--send', 'none');
    expect(drill.code).toBe(1);
    const failed = lines(drill.out).filter((line) => / failed /u.test(line));
    expect(failed).toHaveLength(1);
    expect(failed[0]).toMatch(/^relay-login +failed +50 % +\d+ ms +reading ok, sending failed$/u);
    // 60 of the 70 marks that could be reached: nothing was sent, nothing had to be carried back.
    expect(lines(drill.out).at(-1)).toBe('score: 86 of 100 (finished)');
    await company.pair.relay.postfix.start();
  });

  it('checks the audit journal and prints it, without anything of a mail but its id', async () => {
    const verified = await cli('audit', 'verify');
    expect(verified).toMatchObject({ code: 0, err: '' });
    expect(verified.out).toMatch(/^entries \d+, faults 0, head [0-9a-f]{64}\n$/u);
    const exported = await cli('audit', 'export', '--json');
    const entries = lines(exported.out).map((line) => JSON.parse(line) as { seq: number; kind: string; data: Record<string, unknown> });
    expect(entries.map(({ seq }) => seq)).toEqual(entries.map((_, n) => n + 1));
    const kinds = new Set(entries.map(({ kind }) => kind));
    for (const kind of ['opened', 'account-added', 'policy-changed', 'received', 'submitted', 'reconciled']) expect(kinds).toContain(kind);
    expect(entries.find(({ kind }) => kind === 'policy-changed')?.data).toMatchObject({
      'managed.failover': 'ask',
      'managed.failover.before': null,
    });
    expect(entries.find(({ kind }) => kind === 'submitted')?.data).toMatchObject({ verdict: 'accepted', accepted: EMAIL, others: '' });
    expect(exported.out).not.toMatch(/mail [12]/u);
    expect((await cli('audit', 'export')).out).toMatch(/^entry +at +kind +account +facts/u);
    expect(await cli('audit', 'burn')).toMatchObject({ code: 2, out: '' });
  });
});
