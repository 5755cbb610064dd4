import { packError, type MailError, type PackedError } from '../../../shared/errors.ts';

/** A refusal in the words of the side that refused: what is too large for the server is not too large to be shown here. Pure. */
export function toldRefusal(error: MailError): PackedError {
  const packed = packError(error);
  return packed.code === 'message-too-large' ? { ...packed, code: 'message-too-large-for-server' } : packed;
}
