import type { Attachment } from '../../../shared/model/message.ts';
import { IngestCore } from './ingest-core.ts';
import type { Ingest, IngestedSource, OpenedMessage, Segment, SlicedSource } from './protocol.ts';

/**
 * The work of the ingest worker in this thread: for unit tests and wherever no built worker lies at hand. Without the
 * deadline, since a thread cannot stop itself.
 */
export function createInlineIngest(): Ingest {
  const core = new IngestCore();
  return {
    ingest: (raw: Uint8Array): Promise<IngestedSource> => core.ingest(asBuffer(raw), null),
    begin: (): SlicedSource => {
      const sliced = core.begin();
      return {
        push: (slice) => attempt(() => sliced.push(asBuffer(slice))),
        replay: (segment) => attempt(() => sliced.replay(segment)),
        end: () => sliced.end(() => undefined),
        abandon: () => undefined,
      };
    },
    open: async (segments: Iterable<Segment>): Promise<OpenedMessage> => {
      const opened = core.beginOpen();
      for (const segment of segments) opened.push([segment]);
      return opened.end(() => undefined);
    },
    openInner: async (segments: Iterable<Segment>, path: readonly number[]): Promise<OpenedMessage> => {
      const opened = core.beginInner(path);
      for (const segment of segments) opened.push([segment]);
      return opened.end(() => undefined);
    },
    attachment: async (
      segments: Iterable<Segment>,
      path: number | readonly number[],
      maxBytes: number,
    ): Promise<{ attachment: Attachment; content: Uint8Array }> => {
      const wanted = core.beginAttachment([path].flat(), maxBytes);
      for (const segment of segments) wanted.push([segment]);
      return wanted.end();
    },
    close: () => Promise.resolve(),
  };
}

/** Runs at once; what it throws comes as a rejection, as it would from a worker. */
function attempt<T>(work: () => T): Promise<T> {
  return new Promise((resolve) => resolve(work()));
}

function asBuffer(bytes: Uint8Array): Buffer {
  return Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);
}
