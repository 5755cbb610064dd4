import type { MailError, PackedError } from '../../shared/errors.ts';
import type { AppToEngine, EngineEventName, EnginePort } from '../../shared/ipc/engine-port.ts';
import type { AccountSecrets } from '../../shared/model/account.ts';
import type { AccountTemplateFields, OwnFields } from '../../shared/model/account-template.ts';
import type { ContinuityPolicy } from '../../shared/model/continuity-config.ts';
import type { EntryId } from '../../shared/model/ids.ts';
import type { ProxyWays } from '../../shared/model/proxy.ts';
import type { AppLog } from './log-file.ts';
import type { Secrets } from './secrets.ts';

/** By which ways a server is reached, in their order. */
export type FindProxy = (host: string, port: number) => Promise<ProxyWays>;

/** The same for the engine, with the company's own authorities for servers of which nobody named any. */
export type FindWay = (host: string, port: number) => Promise<{ readonly ways: ProxyWays; readonly caFile?: string | undefined }>;

/** What IT holds of an account, and what its template and its enrolment file say; null where it follows none. */
export interface HeldRules {
  readonly managed: ContinuityPolicy;
  readonly template: AccountTemplateFields | null;
  readonly own: OwnFields | null;
  readonly secrets?: AccountSecrets | null;
}

export interface EngineLinkListener {
  onReady(notice: PackedError | null): void;
  onFailed(error: PackedError): void;
  onStopped(): void;
  onStoreHealth(fault: PackedError | null): void;
  onEvent(name: EngineEventName, payload: unknown): void;
}

export interface SaveRequest {
  readonly entryId: EntryId;
  readonly within: number[];
  /** Null for the whole mail. */
  readonly index: number | null;
  readonly targetPath: string;
  readonly mayOverwrite: boolean;
}

export interface PendingCall {
  readonly resolve: (value: unknown) => void;
  readonly reject: (error: MailError) => void;
  readonly timer: NodeJS.Timeout;
}

export interface EngineLinkOptions {
  readonly port: EnginePort<AppToEngine, unknown>;
  readonly listener: EngineLinkListener;
  readonly secrets: Secrets;
  readonly log: AppLog;
  readonly findWay?: FindWay | undefined;
}
