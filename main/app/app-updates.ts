import { createPublicKey, type KeyObject } from 'node:crypto';
import { existsSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { app } from 'electron';
import { trusting } from '../engine/core/trusted-authorities.ts';
import { contract } from '../../shared/ipc/contract.ts';
import type { FindProxy } from './engine-link-types.ts';
import type { EngineService } from './engine-service.ts';
import type { SendEvent } from './events.ts';
import type { AppLog } from './log-file.ts';
import type { PolicyInForce } from './policy/policy-in-force.ts';
import type { InstallKind, UpdateFacts } from './updates/decide.ts';
import { Fetcher } from './updates/fetcher.ts';
import { Updates } from './updates/updates.ts';

const MINUTE = 60_000;
const FIRST_LOOK_MS = 5 * MINUTE;
const LOOK_MS = 6 * 60 * MINUTE;

export interface AppUpdatesParts {
  readonly engine: EngineService;
  readonly log: AppLog;
  readonly distDir: string;
  readonly profileDir: string;
  /** What IT holds, and by which ways a server is reached. */
  readonly rules: { readonly inForce: Pick<PolicyInForce, 'section' | 'watch'>; readonly findProxy: FindProxy };
  readonly send: SendEvent;
}

/** The public half of the key that signs updates, inside the archive of a package that was built with one. */
function readKey(distDir: string): KeyObject | null {
  const file = path.join(distDir, 'update', 'key.pem');
  return existsSync(file) ? createPublicKey(readFileSync(file)) : null;
}

/** NSIS leaves its uninstaller beside the program; an MSI, a deb or an rpm belongs to whoever installed it. */
function installKind(): InstallKind {
  if (process.env['APPIMAGE']) return 'appimage';
  const uninstaller = path.join(path.dirname(process.execPath), `Uninstall ${app.getName()}.exe`);
  return process.platform === 'win32' && existsSync(uninstaller) ? 'nsis' : 'managed';
}

async function readFacts(engine: EngineService): Promise<UpdateFacts | null> {
  try {
    const [states, outbox, drafts] = await Promise.all([
      engine.call('continuity.state', []),
      engine.call('outbox.list', []),
      engine.call('drafts.list', []),
    ]);
    return {
      modes: contract['continuity.state'].result.parse(states).map(({ mode }) => mode),
      outbox: contract['outbox.list'].result.parse(outbox).map(({ state }) => state),
      draftsSavedAt: contract['drafts.list'].result.parse(drafts).map(({ savedAt }) => savedAt),
    };
  } catch {
    // An engine that cannot say how things are is a reason to wait, told as such.
    return null;
  }
}

/** Puts the updates of the running app together and looks for one now and then; a thousand devices do so at different times. */
export function startUpdates({ engine, log, distDir, profileDir, rules, send }: AppUpdatesParts): Updates {
  const { inForce: policy, findProxy } = rules;
  const kind = installKind();
  const adapter = { version: app.getVersion(), name: app.getName(), userDataPath: profileDir, baseCachePath: profileDir };
  const updates = new Updates({
    kind,
    platform: process.platform,
    arch: process.arch,
    key: readKey(distDir),
    log,
    policy: () => policy.section('updates') ?? {},
    facts: () => readFacts(engine),
    fetcher: (source) => {
      const caFile = policy.section('network')?.caFile;
      const { ca } = trusting(caFile);
      return new Fetcher({ app: adapter, kind, source, ca, proxies: { find: findProxy }, program: process.env['APPIMAGE'] ?? null });
    },
    now: Date.now,
    tell: (state) => send('update.state', state),
  });
  const lookIn = (ms: number): void => {
    setTimeout(() => void updates.check().then(() => lookIn(LOOK_MS)), ms * (1 + Math.random())).unref();
  };
  lookIn(FIRST_LOOK_MS);
  // At once what was fetched goes; the look itself is spread, since a policy reaches all devices within minutes.
  const lookAgain = (): void => void setTimeout(() => void updates.check(), FIRST_LOOK_MS * Math.random()).unref();
  policy.watch(() => void updates.policyChanged().then((isOther) => isOther && lookAgain()));
  return updates;
}
