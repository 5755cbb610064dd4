/** An answer to FETCH with each of its parts edited: every message from its `* n FETCH` on, and the tagged line. Parts may be left out, or become more. */
export function editFetchAnswer(answer: Buffer, edit: (part: string) => string | readonly string[]): Buffer {
  const parts = answer.toString('latin1').split(/^(?=\* \d+ FETCH |[A-Z0-9]+ OK )/mu);
  return Buffer.from(parts.flatMap(edit).join(''), 'latin1');
}

/** A message with its source or head, under another Message-ID and so one byte longer. */
export const asOtherMail = (part: string): string =>
  part.replace('Message-ID: <', 'Message-ID: <9').replace(/\{(\d+)\}/u, (_, bytes: string) => `{${Number(bytes) + 1}}`);
