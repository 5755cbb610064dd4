import type { Attachment, MessageProblem } from '../../../shared/model/message.ts';
import { MailError } from '../../../shared/errors.ts';
import type { Clock } from '../core/clock.ts';
import { giveBack } from '../core/give-back.ts';
import type { Log } from '../core/log.ts';
import type { Random } from '../core/random.ts';
import { Carriers } from './carriers.ts';
import { findWorker } from './find-worker.ts';
import type { Ingest, IngestedSource, OpenedMessage, Segment, SlicedSource } from './protocol.ts';
import { WorkerLane } from './worker-lane.ts';
import { ownCopy, type IngestAnswer, type IngestRequest, type PushAnswer } from './wire.ts';

export interface IngestOptions {
  readonly clock: Clock;
  readonly random: Random;
  readonly log: Log;
  /** The built worker; found beside the program when not given. */
  readonly workerPath?: string;
  /** Threads; one keeps pace with a server, and every further one costs memory. */
  readonly workers?: number;
}

/** Bytes of stored segments sent to a worker in one request: bounds memory when a large message is opened. */
const FEED_BYTES = 4 * 1024 * 1024;

/** Ingest in worker threads. Falls back to this thread, with a warning, where no built worker is found. */
export async function createIngest(options: IngestOptions): Promise<Ingest> {
  const { clock, log, workers = 1 } = options;
  const workerPath = options.workerPath ?? findWorker();
  if (workerPath === null) {
    log.warn({ ev: 'ingest.inline', reason: 'no built worker' });
    // The parsers are loaded in the worker only: a third of a second that the start of the app need not wait for.
    return (await import('./inline-ingest.ts')).createInlineIngest();
  }
  const lanes = Array.from({ length: Math.max(1, workers) }, () => new WorkerLane({ workerPath, clock, log }));
  return new PooledIngest(lanes);
}

class PooledIngest implements Ingest {
  readonly #lanes: readonly WorkerLane[];
  readonly #carriers = new Carriers();
  #nextSession = 1;

  constructor(lanes: readonly WorkerLane[]) {
    this.#lanes = lanes;
  }

  async ingest(raw: Uint8Array): Promise<IngestedSource> {
    const make = (problem: MessageProblem | null) => {
      const copy = this.#carriers.load(raw);
      return { request: { kind: 'ingest', raw: copy, problem } as const, transfer: [copy.buffer] };
    };
    const { spare, ...source } = (await this.#quietest().ask({ make, isRepeatable: true })) as IngestAnswer;
    this.#carriers.giveBack(spare);
    giveBack(raw);
    return source;
  }

  begin(): SlicedSource {
    const session = new Session(this.#quietest(), this.#nextSession++, (id) => ({ kind: 'begin', session: id }));
    let carrier = new ArrayBuffer(0);
    return {
      push: async (slice) => {
        if (carrier.byteLength < slice.byteLength) carrier = new ArrayBuffer(slice.byteLength);
        const carried = new Uint8Array(carrier, 0, slice.byteLength);
        carried.set(slice);
        const answer = await session.ask((id) => ({ kind: 'push', session: id, slice: carried }), [carrier]);
        const { segments, rawEnd, spare } = answer as PushAnswer;
        carrier = spare;
        return { segments, rawEnd };
      },
      replay: async (segment) => {
        const own = ownSegment(segment);
        await session.ask((id) => ({ kind: 'replay', session: id, segment: own }), [own.content.buffer as ArrayBuffer]);
      },
      end: () => session.ask((id) => ({ kind: 'end', session: id })) as Promise<IngestedSource>,
      abandon: () => session.abandon(),
    };
  }

  async open(segments: Iterable<Segment>): Promise<OpenedMessage> {
    const session = new Session(this.#quietest(), this.#nextSession++, (id) => ({ kind: 'open', session: id }));
    return (await session.feedAndEnd(segments)) as OpenedMessage;
  }

  async openInner(segments: Iterable<Segment>, path: readonly number[]): Promise<OpenedMessage> {
    const session = new Session(this.#quietest(), this.#nextSession++, (id) => ({ kind: 'open-inner', session: id, path }));
    return (await session.feedAndEnd(segments)) as OpenedMessage;
  }

  async attachment(
    segments: Iterable<Segment>,
    place: number | readonly number[],
    maxBytes: number,
  ): Promise<{ attachment: Attachment; content: Uint8Array }> {
    const path = [place].flat();
    const session = new Session(this.#quietest(), this.#nextSession++, (id) => ({ kind: 'attachment', session: id, path, maxBytes }));
    return (await session.feedAndEnd(segments)) as { attachment: Attachment; content: Uint8Array };
  }

  async close(): Promise<void> {
    await Promise.all(this.#lanes.map((lane) => lane.close()));
  }

  #quietest(): WorkerLane {
    return this.#lanes.reduce((best, lane) => (lane.pending < best.pending ? lane : best));
  }
}

/** Requests about one source to one worker; lost with it. */
class Session {
  readonly #lane: WorkerLane;
  readonly #id: number;
  readonly #begin: (id: number) => IngestRequest;
  #generation: number | null = null;

  constructor(lane: WorkerLane, id: number, begin: (id: number) => IngestRequest) {
    this.#lane = lane;
    this.#id = id;
    this.#begin = begin;
  }

  async ask(make: (id: number) => IngestRequest, transfer: readonly ArrayBuffer[] = []): Promise<unknown> {
    if (this.#generation === null) {
      const begun = this.#lane.ask({ make: () => ({ request: this.#begin(this.#id), transfer: [] }), isRepeatable: false });
      this.#generation = this.#lane.generation;
      await begun;
    }
    if (this.#generation !== this.#lane.generation) {
      throw new MailError('internal', { scope: 'message', retry: 'now', detail: 'ingest worker was replaced' });
    }
    return this.#lane.ask({ make: () => ({ request: make(this.#id), transfer }), isRepeatable: false });
  }

  async feedAndEnd(segments: Iterable<Segment>): Promise<unknown> {
    try {
      let batch: Segment[] = [];
      let bytes = 0;
      for (const segment of segments) {
        batch.push(ownSegment(segment));
        bytes += segment.content.byteLength;
        if (bytes < FEED_BYTES) continue;
        await this.#feed(batch);
        batch = [];
        bytes = 0;
      }
      await this.#feed(batch);
      return await this.ask((id) => ({ kind: 'end', session: id }));
    } catch (error) {
      this.abandon();
      throw error;
    }
  }

  abandon(): void {
    if (this.#generation !== this.#lane.generation) return;
    const abandoned = this.#lane.ask({
      make: () => ({ request: { kind: 'abandon', session: this.#id }, transfer: [] }),
      isRepeatable: false,
    });
    abandoned.catch(() => undefined); // best effort: with the worker its sessions are gone too
  }

  #feed(batch: readonly Segment[]): Promise<unknown> {
    return this.ask(
      (id) => ({ kind: 'feed', session: id, segments: batch }),
      batch.map((segment) => segment.content.buffer as ArrayBuffer),
    );
  }
}

/** A segment whose content can be handed over: posting a view would copy all of the buffer behind it. */
function ownSegment(segment: Segment): Segment {
  return { ...segment, digest: null, content: ownCopy(segment.content) };
}
