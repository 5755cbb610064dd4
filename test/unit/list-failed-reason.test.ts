import { describe, expect, it } from 'vitest';
import { errorCodeSchema, MailError, packError, type ErrorCode } from '../../shared/errors.ts';
import { failedReason } from '../../renderer/list/failed-reason.ts';
import { de } from '../../renderer/text/de.ts';
import { en } from '../../renderer/text/en.ts';

const refused = (code: ErrorCode, side: 'primary' | 'relay' = 'primary') => ({
  ...{ state: 'refused' as const, error: packError(new MailError(code, { scope: 'message', retry: 'ask', side })) },
});

describe('why a change was not carried over', () => {
  it('is told with what helps where something does', () => {
    expect(failedReason(refused('server-hangs-up'), en)).toBe(
      'The mail server ends the connection whenever this is tried. Everything else goes on. ' +
        'Perhaps the mail is too large for the server, or a filter stops it: ask your IT department.',
    );
    expect(failedReason(refused('over-quota'), de)).toBe(
      'Das Postfach auf dem Server ist voll. Löschen Sie Mail auf dem Server oder bitten Sie Ihre IT-Abteilung um mehr Platz.',
    );
    expect(failedReason(refused('mailbox-missing'), en)).toBe('A folder no longer exists on the server.');
  });

  it('speaks of the message, not of its text, where it is gone, and of the relay where only that has it', () => {
    expect(failedReason(refused('message-missing'), en)).toBe('The message is no longer on the mail server.');
    expect(failedReason(refused('operation-unsafe', 'relay'), de)).toBe(
      'Bisher hat nur das Relay diese Nachricht. Sobald auch der Mailserver sie hat, lässt sie sich ablegen.',
    );
    expect(failedReason(refused('operation-unsafe'), en)).toContain('could have harmed other messages');
  });

  it('is that of the other change where both sides changed it', () => {
    expect(failedReason({ ...refused('command-refused'), state: 'conflict' }, en)).toBe(en.actions.failedStates.conflict);
    expect(failedReason({ state: 'refused', error: null }, en)).toBe('The mail server refused it.');
  });

  it.each([
    ['en', en],
    ['de', de],
  ] as const)('is made of whole sentences for every error, and promises no other try (%s)', (_, words) => {
    for (const code of errorCodeSchema.options) {
      for (const side of ['primary', 'relay'] as const) {
        expect(failedReason(refused(code, side), words)).toMatch(/^[A-ZÄÖÜ„“].*\.$/u);
        expect(failedReason(refused(code, side), words)).not.toMatch(/by itself|von selbst/u);
      }
    }
  });
});
