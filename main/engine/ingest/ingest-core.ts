import type { MessageProblem } from '../../../shared/model/message.ts';
import { AttachmentCore } from './attachment-core.ts';
import { InnerCore } from './inner-core.ts';
import { OpenCore } from './open-core.ts';
import type { IngestedSource } from './protocol.ts';
import { ReportedTerms } from './search-text.ts';
import { SlicedCore } from './sliced-core.ts';

/** The work of the ingest worker, free of threads; the same object serves tests in one process. */
export class IngestCore {
  readonly #reported = new ReportedTerms();

  /** Reads a whole source. With `isParsed` false only what cannot hang is done, and `problem` is reported. */
  async ingest(raw: Buffer, problem: MessageProblem | null): Promise<IngestedSource> {
    const sliced = this.begin();
    const { segments, digest } = sliced.whole(raw);
    return { segments, digest, parsed: problem ? sliced.readPlainly(problem) : await sliced.parse() };
  }

  begin(): SlicedCore {
    return new SlicedCore(this.#reported);
  }

  beginOpen(): OpenCore {
    return new OpenCore();
  }

  beginInner(path: readonly number[]): InnerCore {
    return new InnerCore(path);
  }

  beginAttachment(path: readonly number[], maxBytes: number): AttachmentCore {
    return new AttachmentCore(path, maxBytes);
  }
}
