import path from 'node:path';
import { setTimeout } from 'node:timers/promises';
import { beforeEach, describe, expect, it, vi } from 'vitest';
import type { EngineState } from '../../shared/model/sync.ts';
import { settingsSchema } from '../../shared/model/settings.ts';

const STARTING: EngineState = { phase: 'starting', error: null, lock: 'none' };
const LOCKED: EngineState = { phase: 'locked', error: null, lock: 'key-lost' };
const INFO = { version: '1', platform: 'linux', locale: 'en-US', isDemo: false, hasStore: true };

/** The app behind the window: what it answers, and how it tells of changes. */
function stubApp(state: () => EngineState | Promise<EngineState>) {
  const heard = new Map<string, (payload: unknown) => void>();
  const ok = async <T>(value: T | Promise<T>) => ({ ok: true, value: await value });
  const calls = {
    'app.info': () => ok(INFO),
    'settings.get': () => ok(settingsSchema.parse({})),
    'engine.state': () => ok(state()),
    // A locked store has nothing to show and answers late.
    'overview.get': () => new Promise(() => undefined),
  };
  vi.stubGlobal('matchMedia', () => ({ matches: false, addEventListener: () => undefined }));
  vi.stubGlobal('setInterval', () => 0);
  vi.stubGlobal('navigator', { language: 'en-US' });
  const on = (name: string, listener: (payload: unknown) => void) => (heard.set(name, listener), () => heard.delete(name));
  vi.stubGlobal('window', { continuity: { calls, on } });
  return { tell: (payload: EngineState) => heard.get('engine.state')!(payload) };
}

beforeEach(() => {
  vi.unstubAllGlobals();
  vi.resetModules();
});

/** By a path that the compiler does not follow: the window's own types are not those of the tests. */
const SESSION = path.join(import.meta.dirname, '../../renderer/state/session.svelte.ts');

async function started() {
  const { session } = (await import(SESSION)) as { session: { readonly engine: EngineState; start(): Promise<void> } };
  void session.start();
  return session;
}

describe('the first look of the window at the engine', () => {
  it('takes what it asked for where nothing is told meanwhile', async () => {
    stubApp(() => LOCKED);
    const session = await started();
    await vi.waitFor(() => expect(session.engine).toEqual(LOCKED));
  });

  it.each([
    ['while the first rows are waited for', 30, 0],
    ['while the answer is on its way', 10, 30],
  ])('keeps what was told %s', async (_when, toldAfterMs, answeredAfterMs) => {
    const app = stubApp(() => setTimeout(answeredAfterMs, STARTING));
    const session = await started();
    await setTimeout(toldAfterMs);
    app.tell(LOCKED);
    await setTimeout(250);
    expect(session.engine).toEqual(LOCKED);
  });
});
