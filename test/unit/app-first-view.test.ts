import { mkdtempSync, existsSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { FirstView, type Overview } from '../../main/app/first-view.ts';

const HOUR = 3_600_000;
const log = { write: () => undefined };
const key = new Uint8Array(32).fill(7);
const overview = {
  isProvisional: false,
  accounts: [{ id: 1, config: { email: 'anna@example.com' } }],
  sync: [{ side: 'primary' }],
  mailboxes: [],
  inbox: { mailboxKey: '1', total: 1, rows: [{ subject: 'Geheimnis der Kanarienvögel' }] },
} as unknown as Overview;

let dir: string;
let file: string;
let now = 1_000_000_000_000;
let view: FirstView;
beforeEach(() => {
  dir = mkdtempSync(path.join(tmpdir(), 'holdover-view-'));
  file = path.join(dir, 'first-view.sealed');
  view = new FirstView(file, log, () => now);
});
afterEach(() => rmSync(dir, { recursive: true, force: true }));

describe('the view kept from the last run', () => {
  it('comes back marked as provisional, without states that were of then', () => {
    view.write(key, overview);
    expect(view.read(key)).toEqual({ ...overview, sync: [], isProvisional: true });
  });

  it('is sealed, and its owner alone may read the file', () => {
    view.write(key, overview);
    const bytes = readFileSync(file);
    for (const text of ['anna', 'Geheimnis', 'mailboxKey']) {
      expect(bytes.includes(text)).toBe(false);
    }
    expect(statSync(file).mode & 0o777).toBe(0o600);
    view.write(key, overview);
    expect(readFileSync(file).equals(bytes)).toBe(false);
  });

  it.each([
    ['another key', () => view.read(new Uint8Array(32).fill(8))],
    ['a flipped bit', () => (flip(file, 40), view.read(key))],
    ['a cut-off file', () => (writeFileSync(file, readFileSync(file).subarray(0, 20)), view.read(key))],
    ['an empty file', () => (writeFileSync(file, ''), view.read(key))],
    ['an age of three days', () => ((now += 72 * HOUR), view.read(key))],
    ['a clock that was set back', () => ((now -= HOUR), view.read(key))],
  ])('is not shown with %s', (_, read) => {
    view.write(key, overview);
    expect(read()).toBeNull();
  });

  it('is not there before the first run, nor without an account', () => {
    expect(view.read(key)).toBeNull();
    view.write(key, overview);
    view.write(key, { ...overview, accounts: [] });
    expect(existsSync(file)).toBe(false);
  });

  it('can be forgotten, twice', () => {
    view.write(key, overview);
    view.forget();
    view.forget();
    expect(view.read(key)).toBeNull();
  });
});

function flip(target: string, at: number): void {
  const bytes = readFileSync(target);
  bytes[at]! ^= 1;
  writeFileSync(target, bytes);
}
