import { Worker } from 'node:worker_threads';
import { limits } from '../../../shared/limits.ts';
import { MailError, unpackError } from '../../../shared/errors.ts';
import type { MessageProblem } from '../../../shared/model/message.ts';
import type { Clock } from '../core/clock.ts';
import type { Log } from '../core/log.ts';
import type { AnswerMessage, AskMessage, IngestRequest } from './wire.ts';

/** JavaScript heap of a worker; buffers lie outside of it. */
const HEAP_MB = 128;
/** Short-lived objects of a parser grow old in a smaller one, but few messages need the parser. */
const YOUNG_HEAP_MB = 4;

export interface Ask {
  /** Made anew for every try, since posting hands the buffers over. */
  readonly make: (problem: MessageProblem | null) => { request: IngestRequest; transfer: readonly ArrayBuffer[] };
  /** May be asked again of a new worker; a request of a session cannot. */
  readonly isRepeatable: boolean;
}

interface Job extends Ask {
  readonly id: number;
  readonly resolve: (value: unknown) => void;
  readonly reject: (error: Error) => void;
  certain: unknown;
  isPosted: boolean;
  /** Set when a worker died on it: the next try leaves the parsers out. */
  problem: MessageProblem | null;
}

/** An answer of which a part was certain before the parser was asked. */
interface Certain {
  readonly parsed: { readonly problems: readonly MessageProblem[] };
}

export interface LaneOptions {
  readonly workerPath: string;
  readonly clock: Clock;
  readonly log: Log;
}

/** Time a new worker may take to load its code: a busy machine is no fault of the message that waits. */
const START_MS = 30_000;
/** Time given to answers that are on their way when the deadline passes: this thread may have been busy itself. */
const GRACE_MS = 200;

/**
 * One worker thread and the requests it has not answered, answered in order. When one takes longer than
 * limits.parseTimeoutMs, it is asked again without parsers, and the others as they are, of a new worker. When a worker dies,
 * the requests are asked again one by one, since only then is it sure which of them it dies on.
 */
export class WorkerLane {
  readonly #options: LaneOptions;
  readonly #jobs: Job[] = [];
  #worker: Worker | null = null;
  #nextId = 1;
  #cancelDeadline: () => void = () => undefined;
  /** Grows with every worker that is lost, and its sessions with it. */
  generation = 0;
  #isClosed = false;
  #isOneByOne = false;
  /** The worker has loaded its code: from then on its time is that of the message it reads. */
  #isReady = false;

  constructor(options: LaneOptions) {
    this.#options = options;
  }

  get pending(): number {
    return this.#jobs.length;
  }

  /** @throws MailError of the worker; `internal` with retry `now` when a session was lost with its worker. */
  ask(ask: Ask): Promise<unknown> {
    return new Promise((resolve, reject) => {
      if (this.#isClosed) {
        reject(new MailError('cancelled', { scope: 'message', retry: 'never', detail: 'ingest is closed' }));
        return;
      }
      const job: Job = { ...ask, id: this.#nextId++, resolve, reject, certain: undefined, problem: null, isPosted: false };
      this.#jobs.push(job);
      this.#pump();
      if (this.#jobs.length === 1) this.#armDeadline();
    });
  }

  async close(): Promise<void> {
    this.#isClosed = true;
    this.#cancelDeadline();
    const worker = this.#worker;
    this.#worker = null;
    for (const job of this.#jobs.splice(0)) {
      job.reject(new MailError('cancelled', { scope: 'message', retry: 'never', detail: 'ingest is closed' }));
    }
    await worker?.terminate();
  }

  #pump(): void {
    for (const job of this.#isOneByOne ? this.#jobs.slice(0, 1) : this.#jobs) if (!job.isPosted) this.#post(job);
  }

  #post(job: Job): void {
    job.isPosted = true;
    const worker = (this.#worker ??= this.#start());
    const { request, transfer } = job.make(job.problem);
    const message: AskMessage = { id: job.id, request };
    worker.ref();
    worker.postMessage(message, transfer);
  }

  #start(): Worker {
    this.#isReady = false;
    const worker = new Worker(this.#options.workerPath, {
      // Flags of the program (input type, inspector, loaders) are not meant for its worker.
      execArgv: [],
      env: {},
      stdout: true,
      stderr: true,
      resourceLimits: { maxOldGenerationSizeMb: HEAP_MB, maxYoungGenerationSizeMb: YOUNG_HEAP_MB },
    });
    // What a library may print could be content of a message: it is read so that it does not pile up, and thrown away.
    worker.stdout.resume();
    worker.stderr.resume();
    worker.on('message', (answer: AnswerMessage) => this.#worker === worker && this.#onAnswer(answer));
    worker.on(
      'error',
      (error: NodeJS.ErrnoException) => this.#worker === worker && this.#onDeath('parse-failed', error.code ?? error.name),
    );
    worker.on('exit', () => this.#worker === worker && this.#onDeath('parse-failed', 'exit'));
    return worker;
  }

  #onAnswer(answer: AnswerMessage): void {
    if ('isReady' in answer) {
      this.#isReady = true;
      this.#armDeadline();
      return;
    }
    const job = this.#jobs[0];
    if (!job || job.id !== answer.id) return;
    if ('certain' in answer) {
      job.certain = answer.certain;
      return;
    }
    this.#jobs.shift();
    if (this.#jobs.length === 0) {
      this.#isOneByOne = false;
      this.#worker?.unref();
    }
    this.#pump();
    this.#armDeadline();
    if ('error' in answer) job.reject(unpackError(answer.error));
    else job.resolve(withSegments(answer.value, job.certain));
  }

  #armDeadline(): void {
    this.#cancelDeadline();
    this.#cancelDeadline = () => undefined;
    const head = this.#jobs[0];
    if (!head) return;
    const { clock } = this.#options;
    this.#cancelDeadline = clock.after(this.#isReady ? limits.parseTimeoutMs : START_MS, () => {
      this.#cancelDeadline = clock.after(GRACE_MS, () => {
        if (this.#jobs[0] === head) this.#onDeath('parse-timeout', 'deadline');
      });
    });
  }

  #onDeath(code: 'parse-timeout' | 'parse-failed', reason: string): void {
    const worker = this.#worker;
    this.#worker = null;
    this.generation++;
    void worker?.terminate();
    const jobs = this.#jobs.splice(0);
    this.#options.log.warn({ ev: 'ingest.worker-replaced', reason, pending: jobs.length });
    const isSure = code === 'parse-timeout' || this.#isOneByOne || jobs.length === 1;
    if (code === 'parse-failed') this.#isOneByOne = true;
    for (const [i, job] of jobs.entries()) this.#afterDeath(job, i === 0 && isSure ? { code, detail: '' } : null);
    this.#pump();
    this.#armDeadline();
  }

  /** `problem` when this is the request on which the worker died. */
  #afterDeath(job: Job, problem: MessageProblem | null): void {
    if (job.certain !== undefined) job.resolve(withProblem(job.certain as Certain, problem ?? { code: 'parse-failed', detail: '' }));
    else if (!job.isRepeatable) job.reject(sessionLost());
    else if (problem && job.problem)
      job.reject(new MailError('message-unreadable', { scope: 'message', retry: 'later', detail: problem.code }));
    else this.#jobs.push(Object.assign(job, { problem: problem ?? job.problem, isPosted: false }));
  }
}

function sessionLost(): MailError {
  return new MailError('internal', { scope: 'message', retry: 'now', detail: 'ingest worker was replaced' });
}

function withProblem(certain: Certain, problem: MessageProblem): Certain {
  const others = certain.parsed.problems.filter((one) => one.code !== 'parse-failed');
  return { ...certain, parsed: { ...certain.parsed, problems: [problem, ...others] } };
}

/** Segments came with the certain answer only, see serve.ts. */
function withSegments(value: unknown, certain: unknown): unknown {
  if (!isSource(value) || !isSource(certain)) return value;
  return { ...value, segments: certain.segments };
}

function isSource(value: unknown): value is { segments: unknown } {
  return typeof value === 'object' && value !== null && 'segments' in value && 'digest' in value;
}
