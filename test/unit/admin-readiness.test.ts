import { execFileSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { commands, runCommand } from '../../main/admin/commands.ts';
import { judge, readinessOf, type Judgement } from '../../main/admin/readiness/judge.ts';
import { reasonText } from '../../main/admin/readiness/rows.ts';
import { runReadiness, type ReadinessOptions } from '../../main/admin/readiness/readiness-command.ts';
import { readinessWords } from '../../main/admin/readiness/words.ts';
import { MAX_REPORT_BYTES, type AccountReport, type ReadinessReport } from '../../shared/readiness/report.ts';
import { accountReport, DAY, NOW, report } from '../support/readiness-facts.ts';

const HOUR = 3_600_000;
const iso = (at: number): string => new Date(at).toISOString();
let folder: string;
let reports: string;

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'holdover-admin-readiness-'));
  reports = join(folder, 'reports');
  mkdirSync(reports);
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

const put = (name: string, content: ReadinessReport | string): void =>
  writeFileSync(join(reports, name), typeof content === 'string' ? content : JSON.stringify(content));

function run(options: Partial<ReadinessOptions> = {}) {
  const lines: string[] = [];
  const complaints: string[] = [];
  const all: ReadinessOptions = {
    ...{ reports, enrolment: null, html: null, language: 'en', maxAgeHours: 72, require: null, isJson: false },
    ...options,
  };
  const code = runReadiness(all, { print: (line) => lines.push(line), complain: (line) => complaints.push(line), now: () => NOW + HOUR });
  return { code, text: lines.join('\n'), complaints };
}

interface Told {
  readonly summary: { readonly all: number; readonly covered: number };
  readonly people: readonly Judgement[];
  readonly strangers: readonly Judgement[];
  readonly faults: readonly { readonly file: string; readonly what: string }[];
}
const json = (options: Partial<ReadinessOptions> = {}): Told => JSON.parse(run({ ...options, isJson: true }).text) as Told;

/** What `enrol` leaves behind. */
function enrol(...addresses: string[]): string {
  const out = join(folder, 'out');
  mkdirSync(out, { recursive: true });
  const person = (mail: string) => ({ id: mail, dn: `cn=${mail}`, change: '1', mail, aliases: [], isDisabled: false, fields: {} });
  const enrolled = addresses.map((mail) => ({
    person: person(mail),
    className: null,
    file: `${mail.toLowerCase()}.json`,
    sha256: '0'.repeat(64),
  }));
  writeFileSync(
    join(out, 'rollout-state.json'),
    JSON.stringify({ version: 1, readAt: iso(NOW), invocationId: null, enrolled, pending: null }),
  );
  return out;
}

describe('a verdict', () => {
  const verdictOf = (account: Partial<AccountReport>, change: Partial<ReadinessReport> = {}): string => {
    const [found] = judge([report([accountReport(account)], change)], { now: NOW + HOUR, maxAgeHours: 72 }).values();
    return [found!.verdict, ...found!.reasons.map((one) => reasonText(one, readinessWords.en))].join(': ');
  };
  const well = accountReport();
  const relay = (change: object) => ({ relay: { ...well.relay!, ...change } });
  const primary = (change: object) => ({ primary: { ...well.primary, ...change } });

  it.each([
    ['all is well', {}, {}, 'covered'],
    ['nothing was heard for days', {}, { sentAt: iso(NOW - 4 * DAY) }, 'not: last report of 2026-11-19 09:00'],
    [
      'the store is damaged',
      {},
      { store: { isOpen: false, code: 'store-corrupt', key: 'keyring' } },
      'not: the store on the device cannot be opened (store-corrupt)',
    ],
    [
      'the lease is over',
      {},
      { lease: { days: 7, contactAt: iso(NOW - 8 * DAY), isOver: true } },
      'not: locked by the lease: no contact with a server since 2026-11-15 09:00',
    ],
    ['a lease runs', {}, { lease: { days: 7, contactAt: iso(NOW), isOver: false } }, 'covered'],
    ['nothing was copied yet', primary({ completeSince: null }), {}, 'not: the first copy is not complete'],
    [
      'mail was not fetched for days',
      primary({ syncedAt: iso(NOW - 4 * DAY), code: 'auth-rejected' }),
      {},
      'not: mail last fetched 2026-11-19 09:00 (auth-rejected)',
    ],
    ['an outage of days is on', { ...primary({ syncedAt: iso(NOW - 4 * DAY) }), mode: 'continuity' }, {}, 'covered'],
    ['only five days are here', primary({ completeSince: iso(NOW - 5 * DAY) }), {}, 'partly: copy complete back to 2026-11-18 09:00 only'],
    ['there is no relay', { relay: null }, {}, 'partly: no relay: mail can be read and not sent'],
    ['the relay takes no mail', relay({ smtp: null }), {}, 'partly: the relay takes no mail for sending'],
    [
      'the relay refuses',
      relay({ smtp: { result: 'failed', goodAt: null, code: 'auth-rejected' } }),
      {},
      'partly: relay log-in fails, last good never (auth-rejected)',
    ],
    [
      'the relay was never asked',
      relay({ imap: { result: 'unchecked', goodAt: null, code: null } }),
      {},
      'partly: relay log-in not checked yet',
    ],
    [
      'the relay was asked weeks ago',
      relay({ imap: { result: 'ok', goodAt: iso(NOW - 8 * DAY), code: null } }),
      {},
      'partly: relay log-in not checked since 2026-11-15 09:00',
    ],
  ] as const)('where %s', (_what, account, change, expected) => {
    expect(verdictOf(account as Partial<AccountReport>, change)).toBe(expected);
  });

  it('has words for each reason and verdict in both languages', () => {
    const keys = ({ reasons, verdict }: (typeof readinessWords)['en']) => [Object.keys(reasons), Object.keys(verdict)];
    expect(keys(readinessWords.de)).toEqual(keys(readinessWords.en));
  });

  it('is that of the best of several devices', () => {
    const old = report([accountReport()], { device: 'PC-2', profile: '00000000-0000-4000-8000-000000000002', sentAt: iso(NOW - 9 * DAY) });
    const { people } = readinessOf(judge([old, report()], { now: NOW, maxAgeHours: 72 }), null);
    expect(people).toMatchObject([{ verdict: 'covered', devices: 2, report: { device: 'PC-1' } }]);
  });
});

describe('npm run admin -- readiness', () => {
  it('says who would be covered, the worst first, and who is enrolled and silent', () => {
    put('a.json', report());
    put('b.json', report([accountReport({ address: 'bob@company.example', relay: null })], { device: 'PC-2' }));
    put('c.json', report([accountReport({ address: 'eve@elsewhere.example' })], { device: 'PC-3' }));
    const enrolment = enrol('Anna@company.example', 'bob@company.example', 'carl@company.example');
    const told = json({ enrolment });
    expect(told.people.map(({ address, verdict }) => [address, verdict])).toEqual([
      ['carl@company.example', 'not'],
      ['bob@company.example', 'partly'],
      ['anna@company.example', 'covered'],
    ]);
    expect(told.strangers.map(({ address }) => address)).toEqual(['eve@elsewhere.example']);
    const { text } = run({ enrolment: join(enrolment, 'rollout-state.json') });
    expect(text).toContain('1 of 3 would be covered if the primary died now (1 partly, 1 not)');
    expect(text).toContain('enrolled, but no device has ever reported');
    expect(run({ enrolment, language: 'de' }).text).toContain('1 von 3 wäre abgesichert, wenn der Mailserver jetzt ausfiele');
  });

  it('takes the address from the enrolment file, where that of the directory is another', () => {
    const enrolment = enrol('anna@corp.example');
    const side = { imap: { host: 'imap.company.example', port: 993, security: 'tls', user: 'anna' }, smtp: null };
    writeFileSync(
      join(enrolment, 'anna@corp.example.json'),
      JSON.stringify({ accounts: [{ config: { email: 'anna@company.example', primary: side } }] }),
    );
    put('a.json', report());
    expect(json({ enrolment }).summary).toMatchObject({ all: 1, covered: 1 });
  });

  it('names what is no report, whatever a device has put there, and goes on', () => {
    put('good.json', report());
    put('text.json', 'no JSON');
    put('key.json', JSON.stringify({ ...report(), subject: 'x' }));
    put('future.json', report([accountReport()], { sentAt: iso(NOW + 2 * DAY) }));
    put('control.json', report([accountReport()], { device: 'PC\u001b[2J' }));
    put('deep.json', '['.repeat(100_000));
    put('large.json', ' '.repeat(MAX_REPORT_BYTES + 1));
    put('half.json.12.partial', '{');
    mkdirSync(join(reports, 'folder'));
    symlinkSync('/etc/passwd', join(reports, 'link.json'));
    execFileSync('mkfifo', [join(reports, 'pipe.json')]);
    const told = json();
    expect(told.summary).toMatchObject({ all: 1, covered: 1 });
    expect(Object.fromEntries(told.faults.map(({ file, what }) => [file, what.split(' (')[0]]))).toEqual({
      'control.json': 'device: must not contain control characters',
      'deep.json': 'not JSON',
      folder: 'no file',
      'future.json': 'from the future',
      'key.json': expect.stringMatching(/unrecognized key/iu) as unknown,
      'large.json': 'larger than a report can be',
      'link.json': 'a link',
      'pipe.json': 'no file',
      'text.json': 'not JSON',
    });
    expect(run().text).toContain('Files that are no report: 9');
  });

  it('counts the newest report of a device, under whatever name it lies', () => {
    put('0000000001', report([accountReport({ relay: null })], { sentAt: iso(NOW - DAY) }));
    put('0000000002', report());
    expect(json().people).toMatchObject([{ verdict: 'covered', devices: 1 }]);
  });

  it('ends with 3 where fewer are covered than are required, and says what else is wrong as the other commands do', async () => {
    put('a.json', report());
    put('b.json', report([accountReport({ address: 'bob@company.example', relay: null })], { device: 'PC-2' }));
    expect(run({ require: 50 }).code).toBe(0);
    expect(run({ require: 50.1 })).toMatchObject({ code: 3, complaints: ['fewer than the required 50.1 % are covered'] });
    rmSync(reports, { recursive: true });
    expect(() => run()).toThrow(/reports-unreadable: .*ENOENT/u);
    mkdirSync(reports);
    expect(run({ require: 1 }).code).toBe(3);
    expect(() => run({ enrolment: folder })).toThrow(/enrolment-missing/u);
    for (const wrong of [
      [],
      ['--reports', reports, '--lang', 'fr'],
      ['--reports', reports, '--require', '101'],
      ['--reports', reports, '--max-age', '0'],
    ])
      await expect((async () => runCommand(commands['readiness']!, wrong))()).rejects.toMatchObject({ name: 'UsageError' });
  });
});

describe('the page', () => {
  it('runs nothing, loads nothing, and shows what any device wrote as text', () => {
    put('a.json', report([accountReport()], { device: '<script>alert(1)</script>"&\'' }));
    const html = join(folder, 'page.html');
    run({ html });
    const page = readFileSync(html, 'utf8');
    expect(page).toContain('&lt;script&gt;alert(1)&lt;/script&gt;&quot;&amp;&#39;');
    expect(page).not.toMatch(/<script|javascript:|\ssrc=|\shref=|url\(|@import|\son\w+=/iu);
    expect(page).toContain("default-src 'none'");
    expect(page).toContain('<html lang="en">');
    run({ html, language: 'de' });
    expect(readFileSync(html, 'utf8')).toContain('<html lang="de">');
    expect(() => run({ html: join(folder, 'none', 'page.html') })).toThrow(/page-unwritable/u);
  });
});

describe('ten thousand devices', () => {
  it('are one command', () => {
    const addresses = Array.from({ length: 10_000 }, (_, n) => `p${n}@company.example`);
    for (const [n, address] of addresses.entries()) {
      if (n % 100 === 0) continue;
      const account = accountReport(n % 10 === 1 ? { address, relay: null } : { address });
      put(`${n}.json`, report([account], { device: `PC-${n}`, profile: `00000000-0000-4000-8000-${String(n).padStart(12, '0')}` }));
    }
    const html = join(folder, 'page.html');
    const told = json({ enrolment: enrol(...addresses), html });
    expect(told.summary).toEqual({ all: 10_000, covered: 8_900, partly: 1_000, not: 100, percent: 89 });
    expect(told.faults).toEqual([]);
    expect(readFileSync(html, 'utf8').match(/<tr class="/gu)).toHaveLength(10_000);
  }, 30_000);
});
