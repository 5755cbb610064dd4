import type { ContinuityPolicy } from '../../../shared/model/continuity-config.ts';
import type { SettingsPatch } from '../../../shared/model/settings.ts';
import type { Policy } from '../../../shared/policy/schema.ts';

/** Settings of the window that IT holds. Pure. */
export function heldSettings({ appearance, notifications, lock }: Policy): SettingsPatch {
  const held: SettingsPatch = {
    language: appearance?.language,
    notifyMail: notifications?.mail,
    notifyState: notifications?.state,
    lockAfterIdleMinutes: lock?.afterIdleMinutes,
    lockOnSystemLock: lock?.onSystemLock,
  };
  return Object.fromEntries(Object.entries(held).filter(([, value]) => value !== undefined));
}

/** What IT holds of every account. Pure. */
export const heldOfAccounts = ({ retention, continuity, mail }: Policy): ContinuityPolicy => ({ ...retention, ...continuity, ...mail });
