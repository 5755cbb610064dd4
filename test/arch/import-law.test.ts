import { ESLint } from 'eslint';
import { describe, expect, it } from 'vitest';
// @ts-expect-error -- the rule is plain JavaScript, as ESLint loads it
import { breach, law } from '../../eslint-rules/import-law.js';

const forbidden: [file: string, source: string][] = [
  ['shared/model/ids.ts', 'node:fs'],
  ['shared/model/ids.ts', '../../main/engine/engine.ts'],
  ['main/engine/engine.ts', 'electron'],
  ['main/engine/mirror/plan.ts', 'electron'],
  ['main/engine/open-engine.ts', 'keytar'],
  ['main/engine/core/clock.ts', '../store/open.ts'],
  ['main/engine/store/open.ts', '../mirror/plan.ts'],
  ['main/engine/store/open.ts', 'imapflow'],
  ['main/engine/mirror/plan.ts', '../oplog/replay.ts'],
  ['main/engine/oplog/replay.ts', '../mirror/plan.ts'],
  ['main/engine/read/search.ts', '../mirror/plan.ts'],
  ['main/engine/mirror/plan.ts', 'better-sqlite3'],
  ['main/engine/mirror/plan.ts', 'imapflow'],
  ['main/engine/imap/uid-set.ts', '../store/open.ts'],
  ['main/engine/imap/uid-set.ts', 'nodemailer'],
  ['main/engine/ingest/worker.ts', '../store/open.ts'],
  ['main/engine/engine.ts', '../keys/open-keys.ts'],
  ['main/engine/engine.ts', '../app/window.ts'],
  ['main/keys/vault.ts', 'keytar'],
  ['main/keys/vault.ts', '../engine/engine.ts'],
  ['main/app/window.ts', 'keytar'],
  ['main/app/window.ts', 'electron-updater'],
  ['main/app/updates/updates.ts', 'electron'],
  ['main/app/window.ts', '../engine/engine.ts'],
  ['main/app/window.ts', '../engine/store/open.ts'],
  ['main/app/window.ts', 'imapflow'],
  ['main/admin/rollout-plan.ts', 'ldapts'],
  ['main/admin/rollout-plan.ts', '../engine/engine.ts'],
  ['main/engine/enrol/discover.ts', 'ldapts'],
  ['main/app/spelling/speller.ts', 'hunspell-wasm'],
  ['main/app/spelling/speller.ts', '../../spelling/checker.ts'],
  ['main/spelling/checker.ts', 'electron'],
  ['main/spelling/checker.ts', '../app/log-file.ts'],
  ['preload/index.ts', 'node:fs'],
  ['preload/index.ts', '../main/app/window.ts'],
  ['renderer/api.ts', 'electron'],
  ['renderer/api.ts', 'node:fs'],
  ['renderer/api.ts', '../main/engine/engine.ts'],
  ['renderer/api.ts', '../preload/index.ts'],
];
const allowed: [file: string, source: string, isTypeOnly?: boolean][] = [
  ['shared/model/ids.ts', 'zod'],
  ['main/engine/store/open.ts', 'better-sqlite3'],
  ['main/engine/imap/imapflow-gateway.ts', 'imapflow'],
  ['main/engine/mirror/plan.ts', '../imap/gateway.ts'],
  ['main/engine/engine.ts', './mirror/cycle.ts'],
  ['main/keys/keyring.ts', 'keytar'],
  ['main/keys/open-keys.ts', '../engine/secrets.ts', true],
  ['main/spelling/checker.ts', 'hunspell-wasm'],
  ['main/app/spelling/speller.ts', '../../spelling/protocol.ts', true],
  ['main/app/engine-process.ts', '../engine/engine.ts', true],
  ['main/cli.ts', './keys/open-keys.ts'],
  ['main/admin/directory/source.ts', 'ldapts'],
  ['renderer/api.ts', '../shared/errors.ts'],
  ['preload/index.ts', 'electron'],
];

describe('import law', () => {
  it.each(forbidden)('%s may not import %s', (file, source) => {
    expect(breach(file, source, false)).toEqual(expect.any(String));
  });
  it.each(allowed)('%s may import %s', (file, source, isTypeOnly = false) => {
    expect(breach(file, source, isTypeOnly)).toBeNull();
  });
  it('keeps every layer from the ones it does not list', () => {
    for (const own of law as { layer: string; may: string[] }[]) {
      expect(own.may.includes('electron'), own.layer).toBe(['app', 'preload'].includes(own.layer));
      expect(own.may.includes('keytar'), own.layer).toBe(own.layer === 'keys');
    }
  });
  it('is really applied by the linter, to imports of every form', async () => {
    const eslint = new ESLint({ cwd: `${import.meta.dirname}/../..` });
    const code = [
      "import 'electron';",
      "export * from 'keytar';",
      "await import('electron');",
      "import type { A } from '../../renderer/api.ts';",
      'export type B = A;',
      '',
    ].join('\n');
    const [result] = await eslint.lintText(code, { filePath: 'main/engine/mirror/fixture.ts' });
    expect(result?.messages.filter((one) => one.ruleId === 'holdover/import-law')).toHaveLength(4);
  }, 60_000);
  it('keeps the clock out of the engine', async () => {
    const eslint = new ESLint({ cwd: `${import.meta.dirname}/../..` });
    const code = 'export const a = [Date.now(), new Date(), Math.random(), setTimeout(() => 1, 1), performance.now()];\n';
    const [result] = await eslint.lintText(code, { filePath: 'main/engine/mirror/fixture.ts' });
    expect(result?.messages.filter((one) => one.ruleId === 'holdover/clock-law')).toHaveLength(5);
    const [core] = await eslint.lintText(code, { filePath: 'main/engine/core/clock.ts' });
    expect(core?.messages.filter((one) => one.ruleId === 'holdover/clock-law')).toHaveLength(0);
  }, 60_000);
});
