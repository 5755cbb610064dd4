import { describe, expect, it } from 'vitest';
import { applyFlags, changedFlags, decideFlag, decideFlags, decidePlace } from '../../main/engine/oplog/three-way.ts';

const bools = [false, true] as const;
const places = [1, 2, 3] as const;

describe('a flag, for every baseline, server and wish', () => {
  for (const baseline of bools) {
    for (const server of bools) {
      for (const ours of bools) {
        it(`baseline ${baseline}, server ${server}, ours ${ours}`, () => {
          const verdict = decideFlag(baseline, server, ours);
          const after = verdict === 'apply' ? ours : server;
          if (server === ours) expect(verdict).toBe('agreed');
          // Only one side changed it: that side's value stands.
          else if (server === baseline) expect([verdict, after]).toEqual(['apply', ours]);
          else expect([verdict, after]).toEqual(['theirs', server]);
          // Whoever changed it, the outcome is one of the values that somebody chose after the baseline.
          if (server !== baseline || ours !== baseline) expect([server, ours].filter((one) => one !== baseline)).toContain(after);
        });
      }
    }
  }
});

describe('the flags of a message', () => {
  const all = ['\\seen', '\\flagged'] as const;
  const texts = ['', '\\seen', '\\flagged', '\\flagged \\seen'];
  const changes = [[], ['\\seen'], ['\\flagged'], [...all]];
  it('are decided one by one, in all combinations; each flag nobody changed here is left alone', () => {
    let cases = 0;
    for (const baseline of texts) {
      for (const server of texts) {
        for (const add of changes) {
          for (const remove of changes.filter((list) => !list.some((flag) => add.includes(flag)))) {
            const decision = decideFlags(baseline, server, { add, remove });
            const after = new Set(applyFlags(server, decision));
            for (const flag of all) {
              const had = server.includes(flag);
              const ours = add.includes(flag) ? true : remove.includes(flag) ? false : null;
              const expected = ours === null || decideFlag(baseline.includes(flag), had, ours) !== 'apply' ? had : ours;
              expect(after.has(flag), `${baseline} | ${server} | +${add} -${remove} | ${flag}`).toBe(expected);
            }
            expect(decision.theirs.every((flag) => server.includes(flag) !== add.includes(flag))).toBe(true);
            cases += 1;
          }
        }
      }
    }
    expect(cases).toBe(144);
  });

  it('take ours where no baseline is known', () => {
    expect(decideFlags(null, '\\seen', { add: ['\\flagged'], remove: ['\\seen'] })).toEqual({
      add: ['\\flagged'],
      remove: ['\\seen'],
      theirs: [],
    });
  });

  it('are compared without regard to case', () => {
    expect(decideFlags('', '$forwarded', { add: ['$Forwarded'], remove: [] })).toEqual({ add: [], remove: [], theirs: [] });
    expect(applyFlags('$Forwarded \\seen', { add: ['\\Seen'], remove: ['$forwarded'] })).toEqual(['\\Seen']);
  });
});

describe('a move, for every baseline, server and target', () => {
  for (const baseline of [null, ...places]) {
    for (const server of places) {
      for (const target of places) {
        it(`from ${baseline}, now in ${server}, to ${target}`, () => {
          const isTheirs = baseline !== null && server !== baseline;
          const expected = server === target ? 'agreed' : isTheirs ? 'conflict' : 'apply';
          expect(decidePlace(baseline, server, target)).toBe(expected);
        });
      }
    }
  }
});

describe('a deletion meets what the other side did', () => {
  const rows: readonly (readonly [string, string, string[], string[]])[] = [
    ['', '', [], []],
    ['\\seen', '\\seen', [], []],
    ['', '\\seen', [], ['\\seen']],
    ['\\seen', '', [], ['\\seen']],
    ['', '\\answered', ['\\answered'], ['\\answered']],
    ['', '\\flagged', ['\\flagged'], ['\\flagged']],
    ['\\flagged', '', ['\\flagged'], ['\\flagged']],
    ['', '$Forwarded', ['$forwarded'], ['$forwarded']],
    ['', 'Wichtig', ['wichtig'], ['wichtig']],
    ['', '\\deleted', ['\\deleted'], ['\\deleted']],
    ['', '$NotJunk $HasAttachment NonJunk', [], []],
    ['\\answered', '\\answered \\flagged \\seen', ['\\flagged'], ['\\flagged', '\\seen']],
  ];
  it.each(rows)('from [%s] to [%s]', (baseline, server, trash, forever) => {
    expect(changedFlags(baseline, server, 'trash')).toEqual(trash);
    expect(changedFlags(baseline, server, 'forever')).toEqual(forever);
  });

  it('has nothing to compare without a baseline', () => {
    expect(changedFlags(null, '\\answered', 'forever')).toEqual([]);
  });
});
