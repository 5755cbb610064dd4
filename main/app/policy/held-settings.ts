import type { ContinuityPolicy } from '../../../shared/model/continuity-config.ts';
import type { SettingsPatch } from '../../../shared/model/settings.ts';
import type { Policy } from '../../../shared/policy/schema.ts';

/** Settings of the window that IT holds. Pure. */
export function heldSettings({ appearance, writing, desktop, notifications, lock }: Policy): SettingsPatch {
  const held: SettingsPatch = {
    language: appearance?.language,
    spelling: writing?.spelling,
    closeToTray: desktop?.closeToTray,
    notifyMail: notifications?.mail,
    notifyState: notifications?.state,
    lockAfterIdleMinutes: lock?.afterIdleMinutes,
    lockOnSystemLock: lock?.onSystemLock,
  };
  return Object.fromEntries(Object.entries(held).filter(([, value]) => value !== undefined));
}

/** Names of all that a person finds managed in the settings; whether the app starts at log-in is the system's to keep, and no setting of the window. Pure. */
export const heldNames = (policy: Policy): string[] => [
  ...Object.keys(heldSettings(policy)),
  ...(policy.desktop?.startAtLogin === undefined ? [] : ['startAtLogin']),
];

/** What IT holds of every account. Pure. */
export const heldOfAccounts = ({ retention, continuity, mail }: Policy): ContinuityPolicy => ({ ...retention, ...continuity, ...mail });
