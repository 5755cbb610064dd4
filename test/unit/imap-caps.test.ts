import { describe, expect, it } from 'vitest';
import { capsLeft, capsOf } from '../../main/engine/imap/imap-caps.ts';
import { capabilitiesOf } from '../../main/engine/imap/wire/answer-line.ts';

const all = 'IMAP4REV1 ENABLE CONDSTORE QRESYNC UIDPLUS MOVE IDLE ESEARCH'.split(' ');
const caps = capsOf(new Map(all.map((name) => [name, true])), new Set(['QRESYNC', 'CONDSTORE']));

describe('extensions in the middle of a session', () => {
  it.each([
    ['UIDPLUS', { uidplus: false }],
    ['MOVE', { move: false }],
    ['QRESYNC', { qresync: false, condstore: true }],
    ['CONDSTORE', { condstore: true }],
  ])('%s that is not listed any more is not used', (name, expected) => {
    const left = capsLeft(
      caps,
      all.filter((one) => one !== name),
    );
    expect(left).toEqual({ ...caps, ...expected });
  });

  it('MODSEQ is not used once neither extension that has it is listed', () => {
    const left = capsLeft(caps, ['IMAP4REV1', 'UIDPLUS', 'MOVE', 'IDLE', 'ESEARCH', 'ENABLE']);
    expect(left).toEqual({ ...caps, condstore: false, qresync: false });
  });

  it('what is offered only now is left to the next session', () => {
    const without = capsOf(new Map([['IMAP4REV1', true]]), new Set());
    expect(capsLeft(without, all)).toEqual(without);
  });

  it.each([
    ['* CAPABILITY IMAP4rev1 Move', ['IMAP4REV1', 'MOVE']],
    ['* OK [CAPABILITY IMAP4rev1 IDLE] ready', ['IMAP4REV1', 'IDLE']],
    ['A7 OK [CAPABILITY IMAP4rev1] done', ['IMAP4REV1']],
    ['* OK [UIDNEXT 4] next', null],
    ['* 4 FETCH (BODY[] "CAPABILITY")', null],
  ])('%s', (line, expected) => {
    expect(capabilitiesOf(Buffer.from(line))).toEqual(expected);
  });
});
