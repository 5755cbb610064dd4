import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { DeliveryVerdict } from '../../shared/model/outbox.ts';
import { reportFigure } from '../support/figures.ts';
import { startSmtpScript, type SmtpCommand, type SmtpScript } from '../support/smtp-script.ts';
import { submitTo } from '../support/submit-rig.ts';

const answers = ['ok', '4xx', '5xx'] as const;
type Answer = (typeof answers)[number];
const combinations = answers.flatMap((a) => answers.flatMap((b) => answers.map((c) => [a, b, c] as const)));
const to = ['one@example.com', 'two@example.com', 'three@example.com'];

/** What the server says to the final dot. */
const ends = ['accepted', 'transient', 'permanent', 'unknown'] as const;

let answerOf: (command: SmtpCommand) => string | undefined = () => undefined;
let server: SmtpScript;
beforeAll(async () => {
  server = await startSmtpScript({ reply: (command) => answerOf(command) });
});
afterAll(() => server.close());

const replies: Readonly<Record<Answer, (n: number) => string | undefined>> = {
  ok: () => undefined,
  '4xx': (n) => `450 4.2.0 number ${n} later`,
  '5xx': (n) => `550 5.1.1 number ${n} unknown`,
};

function expectedOf(answer: Answer, end: (typeof ends)[number]): DeliveryVerdict {
  if (answer === '5xx') return 'permanent';
  return answer === '4xx' ? 'transient' : end;
}

const tally = { combinations: combinations.length, cases: 0, right: 0 };

describe('O6: each recipient has a fate of their own', () => {
  for (const end of ends) {
    it(`27 combinations, the mail itself: ${end}`, async () => {
      for (const combination of combinations) {
        tally.cases += 1;
        const what = `${combination.join(' ')} / ${end}`;
        answerOf = ({ name, args }) => {
          const n = to.findIndex((address) => args.includes(address));
          if (name === 'RCPT') return replies[combination[n] as Answer](n);
          if (name === 'BODY' && end === 'transient') return '451 4.3.0 later';
          if (name === 'BODY' && end === 'permanent') return '554 5.7.1 never';
          return undefined;
        };
        const withdraw = end === 'unknown' ? server.fault({ at: 'BODY', when: 'unanswered', cut: 'reset' }) : () => undefined;
        const [mailsBefore, commandsBefore] = [server.mails.length, server.commands.length];
        const result = await submitTo(server, { to });
        withdraw();
        const expected = combination.map((answer) => expectedOf(answer, end));
        expect(
          result.recipients.map(({ address }) => address),
          what,
        ).toEqual(to);
        expect(
          result.recipients.map(({ verdict }) => verdict),
          what,
        ).toEqual(expected);
        result.recipients.forEach(({ reply, enhancedCode }, n) => {
          if (combination[n] !== 'ok') expect(reply, what).toBe(replies[combination[n] as Answer](n));
          if (combination[n] === '5xx') expect(enhancedCode, what).toBe('5.1.1');
        });
        const taken = to.filter((_, n) => combination[n] === 'ok');
        const names = server.commands.slice(commandsBefore).map(({ name }) => name);
        expect(
          names.filter((name) => name === 'RCPT'),
          what,
        ).toHaveLength(3);
        expect(names.includes('DATA'), what).toBe(taken.length > 0);
        const mails = server.mails.slice(mailsBefore);
        expect(
          mails.map((mail) => mail.to),
          what,
        ).toEqual(taken.length > 0 && (end === 'accepted' || end === 'unknown') ? [taken] : []);
        const overall = taken.length > 0 && (end === 'accepted' || end === 'unknown') ? end : undefined;
        expect(result.verdict, what).toBe(overall ?? (expected.every((one) => one === 'permanent') ? 'permanent' : 'transient'));
        expect(result.error === null, what).toBe(expected.every((one) => one === 'accepted'));
        tally.right += 1;
      }
    });
  }

  it('a server that closes in between leaves what it had refused as refused', async () => {
    answerOf = ({ name, args }) => {
      if (name !== 'RCPT') return undefined;
      return args.includes('one') ? '550 5.1.1 unknown' : args.includes('three') ? '421 4.3.2 closing' : undefined;
    };
    const before = server.mails.length;
    const result = await submitTo(server, { to });
    expect(result.recipients.map(({ verdict }) => verdict)).toEqual(['permanent', 'transient', 'transient']);
    expect(result).toMatchObject({ verdict: 'transient', phase: 'recipients', replyCode: 421 });
    expect(server.mails.length).toBe(before);
  });

  it('"too many recipients" puts off the rest, unasked, and lets the others go', async () => {
    const many = Array.from({ length: 30 }, (_, n) => `r${n}@example.com`);
    let count = 0;
    answerOf = ({ name }) => (name === 'RCPT' && (count += 1) > 10 ? '452 4.5.3 too many recipients' : undefined);
    const result = await submitTo(server, { to: many });
    expect(result.recipients.filter(({ verdict }) => verdict === 'accepted')).toHaveLength(10);
    expect(result.recipients.filter(({ verdict }) => verdict === 'transient')).toHaveLength(20);
    expect(server.mails.at(-1)?.to).toEqual(many.slice(0, 10));
    expect(count).toBe(11);
    expect(result).toMatchObject({ verdict: 'accepted', error: { code: 'recipients-refused', retry: 'later' } });
  });

  afterAll(() => reportFigure('O6 recipients (wire)', tally));
});
