import type { AppCall, CallResult, EngineCall, ParsedArgs } from '../../../shared/ipc/contract.ts';
import { engineCallNames } from '../../../shared/ipc/engine-port.ts';
import type { EntryId } from '../../../shared/model/ids.ts';
import type { Settings, SettingsPatch } from '../../../shared/model/settings.ts';
import type { PolicyDesk } from '../policy/policy-desk.ts';
import type { Desk } from '../desktop/desk.ts';
import type { Spelling } from '../spelling/spelling.ts';
import type { EngineService } from '../engine-service.ts';
import type { Handlers } from './dispatch.ts';

/** What the calls answered by the app process itself need. */
export interface AppHandlerParts {
  readonly engine: EngineService;
  readonly info: CallResult<'app.info'>;
  readonly settings: { readonly settings: Settings };
  /** Loaded where there is a policy, or somebody asks for it. */
  policyDesk(): Promise<Pick<PolicyDesk, 'state' | 'enrol' | 'signIn'>>;
  changeSettings(patch: SettingsPatch): Settings;
  update(look: boolean): Promise<CallResult<'app.update'>>;
  openExternal(url: string): Promise<boolean>;
  saveAttachment(ref: ParsedArgs<'attachments.save'>[0]): Promise<{ savedAs: string | null }>;
  saveMessage(ref: { entryId: EntryId }): Promise<{ savedAs: string | null }>;
  print(html: string): Promise<{ isPrinted: boolean }>;
  enrolFromFile(): Promise<{ accounts: number | null }>;
  showRecoveryKey(): Promise<{ savedAs: string | null }>;
  /** What the app is among the others of the computer. */
  desk(): Promise<Desk>;
  spelling(): Promise<Spelling>;
  saveReport(which: ParsedArgs<'reports.save'>[0]): Promise<{ savedAs: string | null }>;
}

/** One handler per contract name: the app's own calls here, all others passed to the engine. */
export function buildHandlers(parts: AppHandlerParts): Handlers {
  const { engine } = parts;
  const app = {
    'app.info': () => parts.info,
    'app.update': ({ look }) => parts.update(look),
    'app.openExternal': ({ url }) => parts.openExternal(url),
    'accounts.enrolFromFile': () => parts.enrolFromFile(),
    'settings.get': () => parts.settings.settings,
    'settings.set': (patch) => parts.changeSettings(patch),
    'engine.state': () => engine.state(),
    'policy.state': async () => (await parts.policyDesk()).state(),
    'policy.enrol': async (given) => (await parts.policyDesk()).enrol(given),
    'policy.signIn': async (given) => (await parts.policyDesk()).signIn(given),
    'store.unlock': ({ passphrase }) => engine.unlock(passphrase),
    'store.choosePassphrase': ({ passphrase }) => engine.choosePassphrase(passphrase),
    'store.retry': () => engine.retry(),
    'store.recover': ({ recoveryKey, passphrase }) => engine.recover(recoveryKey, passphrase),
    'store.unsent': () => engine.unsent(),
    'store.setAside': () => engine.setAside(),
    'store.showRecoveryKey': () => parts.showRecoveryKey(),
    'attachments.save': (ref) => parts.saveAttachment(ref),
    'messages.saveAs': (ref) => parts.saveMessage(ref),
    'app.print': ({ html }) => parts.print(html),
    'reports.save': (which) => parts.saveReport(which),
    'desktop.state': async () => (await parts.desk()).state(),
    'desktop.startAtLogin': async ({ isOn }) => (await parts.desk()).startAtLogin(isOn),
    'desktop.openMailto': async () => (await parts.desk()).openMailto(),
    'desktop.request': async () => (await parts.desk()).request(),
    'spelling.check': async ({ words }) => (await parts.spelling()).check(words),
    'spelling.suggest': async ({ word }) => (await parts.spelling()).suggest(word),
    'spelling.ownWords': async () => (await parts.spelling()).ownWords(),
    'spelling.setOwnWord': async (given) => (await parts.spelling()).setOwnWord(given),
  } satisfies Partial<Handlers>;
  const own = Object.entries(app).map(([name, answer]) => [
    name,
    async (...args: unknown[]) => {
      await engine.admit(name as AppCall);
      return (answer as (...given: unknown[]) => unknown)(...args);
    },
  ]);
  const passOn = engineCallNames.map((name) => [name, (...args: ParsedArgs<EngineCall>) => engine.call(name, args)]);
  return Object.fromEntries([...own, ...passOn]) as Handlers;
}
