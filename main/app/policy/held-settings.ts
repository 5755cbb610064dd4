import type { ContinuityPolicy } from '../../../shared/model/continuity-config.ts';
import type { SettingsPatch } from '../../../shared/model/settings.ts';
import type { Policy } from '../../../shared/policy/schema.ts';

/** Settings of the window that IT holds. Pure. */
export function heldSettings({ appearance }: Policy): SettingsPatch {
  return appearance?.language === undefined ? {} : { language: appearance.language };
}

/** What IT holds of every account. Pure. */
export const heldOfAccounts = ({ retention, continuity, mail }: Policy): ContinuityPolicy => ({ ...retention, ...continuity, ...mail });
