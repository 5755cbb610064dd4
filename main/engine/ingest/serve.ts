import { MailError } from '../../../shared/errors.ts';
import { AttachmentCore } from './attachment-core.ts';
import { IngestCore } from './ingest-core.ts';
import { InnerCore } from './inner-core.ts';
import { OpenCore } from './open-core.ts';
import { SlicedCore } from './sliced-core.ts';
import { type IngestRequest, ownCopy, packSegments, packSource } from './wire.ts';

export interface Served {
  readonly value: unknown;
  readonly transfer: readonly ArrayBuffer[];
}

type Session = SlicedCore | OpenCore | InnerCore | AttachmentCore;

const NOTHING: Served = { value: null, transfer: [] };

/** Answers the requests of the pool one after another; holds the sessions. */
export class IngestServer {
  readonly #core = new IngestCore();
  readonly #sessions = new Map<number, Session>();

  /** @throws MailError as the core does. `onCertain` posts an answer that stands if the parser never comes back. */
  async serve(request: IngestRequest, onCertain: (served: Served) => void): Promise<Served> {
    switch (request.kind) {
      case 'ingest': {
        const packed = packSource(await this.#core.ingest(asBuffer(request.raw), request.problem));
        const spare = request.raw.buffer as ArrayBuffer;
        return { value: { ...packed.value, spare }, transfer: [...packed.transfer, spare] };
      }
      case 'begin':
        return this.#open(request.session, this.#core.begin());
      case 'open':
        return this.#open(request.session, this.#core.beginOpen());
      case 'open-inner':
        return this.#open(request.session, this.#core.beginInner(request.path));
      case 'attachment':
        return this.#open(request.session, this.#core.beginAttachment(request.path, request.maxBytes));
      case 'push': {
        const { segments, rawEnd } = this.#get(request.session, SlicedCore).push(asBuffer(request.slice));
        const packed = packSegments(segments);
        // The slice goes back to carry the next one.
        const spare = request.slice.buffer as ArrayBuffer;
        return { value: { segments: packed.segments, rawEnd, spare }, transfer: [...packed.transfer, spare] };
      }
      case 'replay':
        this.#get(request.session, SlicedCore).replay(request.segment);
        return NOTHING;
      case 'feed': {
        const session = this.#sessions.get(request.session);
        if (session instanceof SlicedCore || !session) throw lost();
        session.push(request.segments);
        return NOTHING;
      }
      case 'abandon':
        this.#sessions.delete(request.session);
        return NOTHING;
      case 'end':
        return this.#end(request.session, onCertain);
    }
  }

  async #end(id: number, onCertain: (served: Served) => void): Promise<Served> {
    const session = this.#sessions.get(id);
    this.#sessions.delete(id);
    if (session instanceof SlicedCore) {
      // The segments go out with the certain answer, and so need not go out again.
      const { digest, parsed } = await session.end((certain) => onCertain(packSource(certain)));
      return { value: { segments: [], digest, parsed }, transfer: [] };
    }
    if (session instanceof OpenCore || session instanceof InnerCore) {
      return { value: await session.end((certain) => onCertain({ value: certain, transfer: [] })), transfer: [] };
    }
    if (!session) throw lost();
    const { attachment, content } = await session.end();
    const whole = ownCopy(content);
    return { value: { attachment, content: whole }, transfer: [whole.buffer] };
  }

  #open(id: number, session: Session): Served {
    this.#sessions.set(id, session);
    return NOTHING;
  }

  #get<T extends Session>(id: number, kind: abstract new (...args: never[]) => T): T {
    const session = this.#sessions.get(id);
    if (!(session instanceof kind)) throw lost();
    return session;
  }
}

function lost(): MailError {
  return new MailError('internal', { scope: 'message', retry: 'now', detail: 'ingest session is gone' });
}

function asBuffer(bytes: Uint8Array): Buffer {
  return Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);
}
