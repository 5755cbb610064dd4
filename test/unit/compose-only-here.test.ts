import { describe, expect, it } from 'vitest';
import { errorCodeSchema, MailError, packError, type ErrorCode } from '../../shared/errors.ts';
import { onlyHereText } from '../../renderer/compose/only-here.ts';
import { de } from '../../renderer/text/de.ts';
import { en } from '../../renderer/text/en.ts';

const notFiled = (code: ErrorCode, isFinal: boolean) => ({
  ...{ error: packError(new MailError(code, { scope: 'mailbox', retry: 'later', side: 'primary' })), isFinal },
});

describe('what a draft says that the mail server did not take', () => {
  it('is where it is, why, and what becomes of it', () => {
    expect(onlyHereText(notFiled('over-quota', false), en)).toBe(
      'Saved here, not on the mail server: The mailbox on the server is full. Delete mail on the server, or ask your IT department for more space. ' +
        'It is tried again by itself.',
    );
    expect(onlyHereText(notFiled('message-too-large-for-server', true), de)).toBe(
      'Hier gespeichert, nicht auf dem Mailserver: Die Mail ist größer, als dieser Server annimmt. Sobald Sie den Entwurf ändern, wird es wieder versucht.',
    );
    expect(onlyHereText(notFiled('mailbox-missing', true), en)).toBe('Saved here, not on the mail server: It has no folder for drafts.');
    expect(onlyHereText(notFiled('command-refused', false), de)).toBe(
      'Hier gespeichert, nicht auf dem Mailserver: Er hat die Kopie nicht angenommen. Es wird von selbst wieder versucht.',
    );
  });

  it.each([
    ['en', en],
    ['de', de],
  ] as const)('is a whole sentence for every reason (%s)', (_, words) => {
    for (const code of errorCodeSchema.options) {
      for (const isFinal of [true, false])
        expect(onlyHereText(notFiled(code, isFinal), words)).toMatch(/^(Saved here|Hier gespeichert).*: [A-ZÄÖÜ„“].*\.$/u);
    }
  });
});
