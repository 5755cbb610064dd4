import { MailError } from '../../../shared/errors.ts';
import type { AccountId } from '../../../shared/model/ids.ts';
import type { ContinuityControl, ContinuityPolicy } from '../../../shared/model/continuity-config.ts';
import type { EngineStore } from '../store/engine-store.ts';
import type { ModeEvent } from './mode.ts';

export interface ModeControlOptions {
  readonly store: EngineStore;
  readonly accountId: AccountId;
  readonly step: (name: string) => void;
}

const events: Readonly<Record<ContinuityControl, ModeEvent>> = {
  automatic: 'person-releases',
  'forced-continuity': 'person-forces-continuity',
  'forced-normal': 'person-forces-normal',
};

/** Who decides about the mode of one account: IT, where it holds that; else its person; else the evidence. */
export class ModeControl {
  readonly #options: ModeControlOptions;
  #person: ContinuityControl;
  #policy: ContinuityControl | undefined;

  constructor(options: ModeControlOptions, { control }: ContinuityPolicy) {
    this.#options = options;
    this.#person = options.store.outages.control(options.accountId);
    this.#policy = control;
  }

  get inForce(): ContinuityControl {
    return this.#policy ?? this.#person;
  }

  get isHeldByPolicy(): boolean {
    return this.#policy !== undefined;
  }

  /** What the word in force means to the mode table. */
  get event(): ModeEvent {
    return events[this.inForce];
  }

  /** The person's word; durable when this returns. False where it is none. @throws MailError held-by-policy */
  choose(control: ContinuityControl): boolean {
    const { store, accountId, step } = this.#options;
    if (control === this.inForce) return false;
    if (this.isHeldByPolicy) throw new MailError('held-by-policy', { scope: 'account', retry: 'never', detail: 'control' });
    store.handle.tx('continuity.control', () => store.outages.setControl(accountId, control));
    step('continuity.control');
    this.#person = control;
    return true;
  }

  /** IT's word is another one. True where that changes what is in force. */
  follow({ control }: ContinuityPolicy): boolean {
    const before = this.inForce;
    this.#policy = control;
    return this.inForce !== before;
  }
}
