import type { EngineEventName } from '../../shared/ipc/engine-port.ts';
import type { EventName, EventPayload } from '../../shared/ipc/events.ts';
import type { EngineState, SideSyncState } from '../../shared/model/sync.ts';
import { EngineProcess, type EngineChild } from './engine-process.ts';
import { EngineService } from './engine-service.ts';
import type { FindWay } from './engine-link-types.ts';
import type { SendEvent } from './events.ts';
import type { AppLog } from './log-file.ts';
import type { Profile } from './profile.ts';
import { StoreAccess, type KeysAnswer } from './store-access.ts';

/** Puts keys, engine process and the window's view of both together. */
export function buildEngineService(options: {
  profile: Profile;
  log: AppLog;
  send: SendEvent;
  openKeys: () => Promise<KeysAnswer>;
  fork: () => EngineChild;
  findWay: FindWay;
  onRunning: () => void;
  beforeStart: (storeKey: Uint8Array) => Promise<void>;
  onState: (state: EngineState) => void;
  onEvent: (name: EngineEventName, payload: unknown) => void;
}): EngineService {
  const { profile, log, send, openKeys, fork, findWay, onRunning, beforeStart, onState, onEvent } = options;
  const engine = new EngineProcess({
    fork,
    findWay,
    log,
    onPhase: (phase) => {
      log.write('info', { ev: 'engine.phase', phase });
      if (phase !== 'running') service.lease?.engineEnded();
      service.announce();
      if (phase === 'running') onRunning();
    },
    onEvent: (name, given) => {
      const { lease } = service;
      if (name === 'accounts.changed') service.forgetFirstView();
      if (name === 'sync.state') lease?.heard(given as SideSyncState[]);
      // A window that is kept from mail is told of contact alone.
      else if (lease?.isOver) return;
      const payload = name === 'sync.state' && lease ? lease.shown(given as SideSyncState[]) : given;
      send(name as EventName, payload as EventPayload<EventName>);
      onEvent(name, payload);
    },
  });
  const service = new EngineService({
    access: new StoreAccess(openKeys, log),
    engine,
    profileDir: profile.dir,
    firstView: import('./first-view.ts').then(({ FirstView }) => new FirstView(profile.firstViewFile, log)),
    beforeStart,
    onState: (state) => {
      send('engine.state', state);
      onState(state);
    },
  });
  return service;
}
