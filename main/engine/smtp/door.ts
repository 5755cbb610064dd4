import { scheduler } from 'node:timers/promises';
import { MailError } from '../../../shared/errors.ts';
import type { Side } from '../../../shared/model/account.ts';
import { isFitAddress, needsUtf8, wireAddress } from './envelope.ts';
import type { SubmissionRequest } from './gateway.ts';
import { piecesOf, RawInspection } from './raw-bytes.ts';

/** Pieces looked at before other work of the engine gets a turn. */
const PIECES_A_TURN = 32;

/** A mail that may go to a server, and what is known of it. */
export interface CheckedRequest {
  readonly raw: SubmissionRequest['raw'];
  /** Of the mail as announced and counted (RFC 1870 3): with its last line end, without dot-stuffing. */
  readonly sizeBytes: number;
  readonly endsWithLine: boolean;
  readonly has8Bit: boolean;
  readonly needsUtf8: boolean;
  /** Addresses as they go on the wire. */
  readonly from: string;
  readonly to: readonly { readonly address: string; readonly wire: string }[];
}

/**
 * Looks at envelope and bytes before anything is sent.
 * @throws MailError `call-rejected`: what must never reach a server. The reason names no address.
 */
export async function checkRequest(request: SubmissionRequest, side: Side): Promise<CheckedRequest> {
  const reject = (detail: string) => new MailError('call-rejected', { scope: 'message', retry: 'never', side, detail });
  if (!isFitAddress(request.from)) throw reject('envelope sender');
  if (request.to.length === 0 || !request.to.every(isFitAddress)) throw reject('envelope recipients');
  const inspection = new RawInspection();
  let count = 0;
  for (const piece of piecesOf(request.raw)) {
    const fault = inspection.take(piece);
    if (fault) throw reject(`raw ${fault}`);
    if ((count += 1) % PIECES_A_TURN === 0) await scheduler.yield();
  }
  const { sizeBytes, endsWithLine, has8Bit } = inspection;
  const fault = inspection.end();
  if (fault) throw reject(`raw ${fault}`);
  if (sizeBytes === 0 || sizeBytes !== request.sizeBytes) throw reject('raw size');
  const to = request.to.map((address) => ({ address, wire: wireAddress(address) }));
  const from = wireAddress(request.from);
  return {
    raw: request.raw,
    sizeBytes: sizeBytes + (endsWithLine ? 0 : 2),
    endsWithLine,
    has8Bit,
    needsUtf8: request.needsSmtpUtf8 === true || needsUtf8(from) || to.some(({ wire }) => needsUtf8(wire)),
    from,
    to,
  };
}
