import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { z } from 'zod';
import type { AppLogEntry } from '../../main/app/log-file.ts';
import { SealedFile } from '../../main/app/sealed-file.ts';

const CANARY = 'anna@company.example';
const schema = z.strictObject({ account: z.string() });
const key = new Uint8Array(32).fill(7);
let folder: string;
let file: string;
let logged: AppLogEntry[];

const open = (purpose = 'test 1') =>
  new SealedFile({
    file,
    purpose,
    parse: (value) => schema.parse(value),
    ev: 'test',
    log: { write: (_level, entry) => void logged.push(entry) },
  });

beforeEach(() => {
  folder = mkdtempSync(path.join(tmpdir(), 'holdover-sealed-'));
  file = path.join(folder, 'test.sealed');
  logged = [];
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

describe('a sealed file', () => {
  it('gives back what was written, to who has the key and the purpose alone', () => {
    expect(open().read(key)).toBeNull();
    open().write(key, { account: CANARY });
    expect(open().read(key)).toEqual({ account: CANARY });
    expect(readFileSync(file).includes(CANARY)).toBe(false);
    expect(open().read(new Uint8Array(32))).toBeNull();
    expect(open('test 2').read(key)).toBeNull();
    expect(logged.map(({ ev }) => ev)).toEqual(['test.unusable', 'test.unusable']);
  });

  it.each([
    ['is damaged', (bytes: Buffer) => Buffer.concat([bytes.subarray(0, -1), Buffer.from([bytes.at(-1)! ^ 1])])],
    ['was cut off', (bytes: Buffer) => bytes.subarray(0, 20)],
    ['is empty', () => Buffer.alloc(0)],
  ])('that %s is none', (_what, change) => {
    open().write(key, { account: CANARY });
    writeFileSync(file, change(readFileSync(file)));
    expect(open().read(key)).toBeNull();
  });

  it('with a value of another kind is none, and the log says nothing of it', () => {
    new SealedFile({ file, purpose: 'test 1', parse: (value) => value, ev: 'test', log: { write: () => undefined } }).write(key, [CANARY]);
    expect(open().read(key)).toBeNull();
    expect(JSON.stringify(logged)).not.toContain(CANARY);
  });

  it('that cannot be written is told, by an error or by the log', () => {
    mkdirSync(file);
    expect(() => open().write(key, { account: CANARY })).toThrowError(/store-/);
    expect(open().keep(key, { account: CANARY })).toBe(false);
    expect(logged).toMatchObject([{ ev: 'test.not-kept', kind: 'store-io' }]);
  });

  it('can be removed, twice', () => {
    open().write(key, { account: CANARY });
    open().remove();
    open().remove();
    expect(existsSync(file)).toBe(false);
  });
});
