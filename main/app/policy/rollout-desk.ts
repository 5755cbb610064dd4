import type { AccountSecrets } from '../../../shared/model/account.ts';
import { ownFields } from '../../../shared/model/account-template.ts';
import type { UserAttributes } from '../../../shared/policy/attributes.ts';
import type { PolicyFault } from '../../../shared/policy/state.ts';
import { sidesWithoutSignIn, type PreparedAccount } from '../../policy/prepare-accounts.ts';
import { RolloutFolder, type RolloutLook } from '../../policy/rollout-folder.ts';
import type { AppLog } from '../log-file.ts';
import type { PolicyInForce } from './policy-in-force.ts';

/** What the folder has for this person, as far as it is known. */
export interface Rollout {
  readonly prepared: readonly PreparedAccount[];
  /** The folder was read, or none is named: who is not in `prepared` is in no list. */
  readonly isKnown: boolean;
  readonly isAway: boolean;
  readonly faults: readonly PolicyFault[];
}

const NONE: Rollout = { prepared: [], isKnown: true, isAway: false, faults: [] };

type Given = Extract<RolloutLook, { state: 'found' }>['accounts'][number];

function prepared({ config, secrets }: Given): PreparedAccount & { secrets: AccountSecrets | null } {
  const missing = secrets === null ? sidesWithoutSignIn(config) : '';
  const { email } = config;
  if (missing !== '') return { email, config: null, missing, secrets: null };
  return { email, config, missing: null, own: ownFields(config), secrets };
}

/** The accounts of the rollout folder: what was read of it last is in force while it is away or wrong, over a restart too. */
export class RolloutDesk {
  readonly #inForce: PolicyInForce;
  readonly #log: AppLog;
  readonly #folder: RolloutFolder;
  #told = '';

  constructor(inForce: PolicyInForce, log: AppLog, folder = new RolloutFolder()) {
    this.#inForce = inForce;
    this.#log = log;
    this.#folder = folder;
  }

  /** @param folder null where the policy names none */
  async look(folder: string | null, who: UserAttributes): Promise<Rollout> {
    if (folder === null) {
      this.#keep([]);
      return NONE;
    }
    const look = await this.#folder.look(folder, who);
    this.#tell(look);
    if (look.state === 'found') {
      this.#keep(look.accounts.map(({ config }) => config));
      return { ...NONE, prepared: look.accounts.map(prepared) };
    }
    if (look.state === 'none') {
      this.#keep([]);
      return NONE;
    }
    const last = this.#inForce.keptState()?.rollout ?? [];
    const faults = look.state === 'wrong' ? look.faults : [];
    return { prepared: last.map((config) => prepared({ config, secrets: null })), isKnown: false, isAway: look.state === 'away', faults };
  }

  #keep(rollout: Given['config'][]): void {
    const kept = this.#inForce.keptState();
    if (kept !== null && JSON.stringify(kept.rollout) !== JSON.stringify(rollout)) this.#inForce.changeKept({ rollout });
  }

  /** Once for each change; names of files are addresses and stay out of the log. */
  #tell(look: RolloutLook): void {
    const news = JSON.stringify({ ...look, accounts: undefined });
    if (news === this.#told) return;
    this.#told = news;
    if (look.state === 'away') this.#log.write('info', { ev: 'rollout.away', code: look.code });
    else if (look.state === 'wrong') {
      for (const { path } of look.faults) this.#log.write('error', { ev: 'rollout.wrong', path: path.split(': ')[1] ?? '' });
      process.stderr.write(`enrolment folder: ${look.faults.map(({ what }) => what).join('; ')}\n`);
    } else this.#log.write('info', { ev: 'rollout.read', state: look.state });
  }
}
