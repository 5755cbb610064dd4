import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { killedTransactions } from '../crash/commit-table.ts';
import { transactionNamesBelow, transactionNamesIn } from '../support/transaction-names.ts';

/** Families of transactions that stand between what a person was told and what a server was told: each is killed at. */
const FAMILIES = ['outbox', 'oplog', 'reconcile', 'continuity'];

const engine = join(import.meta.dirname, '../../main/engine');
const isOfFamily = (name: string): boolean => FAMILIES.includes(name.split('.')[0] ?? '');

describe('transactions of the engine', () => {
  const { names, unread } = transactionNamesBelow(engine);
  const stand = names.filter(isOfFamily);
  const killed = new Set(Object.values(killedTransactions).flat());

  it('have a name that can be read where they are made', () => {
    expect(unread).toEqual([]);
    for (const family of FAMILIES) expect(stand.filter((name) => name.startsWith(`${family}.`)).length, family).toBeGreaterThan(3);
  });

  it('are each killed at by the crash tier: a new one needs a place in a list of test/crash/commit-table.ts', () => {
    expect(stand.filter((name) => !killed.has(name))).toEqual([]);
  });

  it('are those that the crash tier kills at: it has no place of a transaction that is gone', () => {
    expect([...killed].filter((name) => isOfFamily(name) && !stand.includes(name))).toEqual([]);
  });
});

describe('names of transactions', () => {
  it.each([
    ["handle.tx('a.b', () => 1);", ['a.b'], 0],
    ["const { tx } = handle; tx('a.b', work);", ['a.b'], 0],
    ["class A { #record(name: string) { handle.tx(name, work); } go() { this.#record('a.b'); this.#record('a.c'); } }", ['a.b', 'a.c'], 0],
    ["const changing = (name: string, work: W) => handle.tx(name, work); changing('a.b', work);", ['a.b'], 0],
    ["const one = (name: string) => handle.tx(name, work); const two = (name: string) => one(name); two('a.b');", ['a.b'], 0],
    ["// handle.tx('a.b')\nconst text = \"handle.tx('a.c')\";", [], 0],
    ['handle.tx(`a.${b}`, work);', [], 1],
    ['const name = pick(); handle.tx(name, work);', [], 1],
  ])('%s', (text, names, unread) => {
    const found = transactionNamesIn('x.ts', text);
    expect([found.names, found.unread.length]).toEqual([names, unread]);
  });
});
