import { existsSync } from 'node:fs';
import { hostname } from 'node:os';
import path from 'node:path';
import { app } from 'electron';
import type { ReadinessReport } from '../../../shared/readiness/report.ts';
import type { ProxyFinder } from '../../engine/core/proxy/proxy-finder.ts';
import { profileId, vaultPath } from '../../keys/profile-id.ts';
import type { EngineService } from '../engine-service.ts';
import type { AppLog } from '../log-file.ts';
import type { PolicyInForce } from '../policy/policy-in-force.ts';
import { Readiness } from './readiness.ts';
import { READINESS_FILE, ReadinessStateFile } from './state-file.ts';

/** An outage that is confirmed is told some seconds later, in calm weather a look costs next to nothing. */
const LOOK_MS = 10_000;

export interface ReadinessAppParts {
  readonly engine: EngineService;
  readonly inForce: PolicyInForce;
  readonly profileDir: string;
  readonly log: AppLog;
  readonly proxies: ProxyFinder;
  readonly lease: () => ReadinessReport['lease'];
}

export interface RunningReadiness {
  /** Looks now, such as after another policy. */
  look(): void;
  end(): void;
}

/** Looks now and from now on, for as long as the app runs; a policy that is taken away silences it. */
export function startReadiness({ engine, inForce, profileDir, log, proxies, lease }: ReadinessAppParts): RunningReadiness {
  const readiness = new Readiness({
    engine: {
      ...engine.behind,
      get storeKey() {
        return engine.storeKey;
      },
    },
    log,
    proxies,
    lease,
    policy: () => inForce.policy,
    policyFaults: () => inForce.state.faults.length,
    key: () => (existsSync(vaultPath(profileDir)) ? 'passphrase' : 'keyring'),
    device: { device: hostname(), profile: profileId(profileDir), version: app.getVersion(), platform: process.platform },
    file: new ReadinessStateFile(path.join(profileDir, READINESS_FILE), log),
    now: Date.now,
    chance: Math.random,
  });
  const look = (): void => void readiness.look();
  const timer = setInterval(look, LOOK_MS).unref();
  return { look, end: () => clearInterval(timer) };
}
