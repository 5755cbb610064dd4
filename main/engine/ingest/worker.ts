import { parentPort } from 'node:worker_threads';
import { packError } from '../../../shared/errors.ts';
import { invariant } from '../../../shared/invariant.ts';
import { loadParsers } from './read-mail.ts';
import { IngestServer } from './serve.ts';
import type { AnswerMessage, AskMessage } from './wire.ts';

/**
 * Entry of the ingest worker thread. Requests are served one after another in the order they came, which the pool relies
 * on: the oldest unanswered one is the one that hangs.
 */
invariant(parentPort, 'runs as a worker thread');
const port = parentPort;
const server = new IngestServer();
const post = (answer: AnswerMessage, transfer: readonly ArrayBuffer[] = []) => port.postMessage(answer, transfer);

// mailparser ends streams twice and so makes errors by the dozen that nobody looks at; their stack traces cost a quarter of
// its time. What leaves this thread is packed without a stack anyway.
Error.stackTraceLimit = 0;

// In the time of a start: a mail has less, and a machine under load may take seconds.
let last: Promise<void> = loadParsers();

async function answer({ id, request }: AskMessage): Promise<void> {
  try {
    const { value, transfer } = await server.serve(request, (certain) => post({ id, certain: certain.value }, certain.transfer));
    post({ id, value }, transfer);
  } catch (error) {
    post({ id, error: packError(error) });
  }
}

port.on('message', (message: AskMessage) => {
  last = last.then(() => answer(message));
});
void last.then(() => post({ isReady: true }));
