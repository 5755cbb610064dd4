import { afterAll, afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { ImapSession } from '../../main/engine/imap/gateway.ts';
import { asModSeq, asUid, type Uid } from '../../shared/model/ids.ts';
import { reportFigure } from '../support/figures.ts';
import { collect, openGatewaySession } from '../support/gateway-session.ts';
import { allCapabilities, startImapScript, without, type ImapScript } from '../support/imap-script.ts';
import { withoutUntagged } from '../support/imap-script/lies.ts';
import { isFull } from '../support/this-run.ts';

const MESSAGES = 120;
const STEP_BYTES = 100;
const raw = (n: number): string => `From: A <a@example.com>\r\nSubject: n ${n}\r\nMessage-ID: <${n}@example.com>\r\n\r\nLine ${n}\r\n`;
const all = Array.from({ length: MESSAGES }, (_, i) => i + 1) as Uid[];
/** Every second message: its UIDs make no range, so that SEARCH and VANISHED answer long lines. */
const every = (list: readonly Uid[]) => list.filter((uid) => uid % 2 === 0);

interface Call {
  readonly name: string;
  readonly command: string;
  readonly capabilities: readonly string[];
  /** Messages asked for one by one: a refusal after the last of them takes nothing away. */
  readonly expected?: number;
  run(session: ImapSession, server: ImapScript): Promise<unknown>;
}

const calls: readonly Call[] = [
  { name: 'SELECT', command: 'EXAMINE', capabilities: allCapabilities, run: (session) => session.select('INBOX') },
  { name: 'LIST', command: 'LIST', capabilities: allCapabilities, run: (session) => session.list() },
  { name: 'STATUS', command: 'STATUS', capabilities: allCapabilities, run: (session) => session.status('INBOX') },
  {
    name: 'UID SEARCH range',
    command: 'UID SEARCH',
    capabilities: allCapabilities,
    run: (session) => session.searchUidRange(asUid(1), asUid(MESSAGES * 3)),
  },
  {
    name: 'UID SEARCH without ESEARCH',
    command: 'UID SEARCH',
    capabilities: without('ESEARCH'),
    run: (session) => session.searchUidRange(asUid(1), asUid(MESSAGES * 3)),
  },
  { name: 'UID SEARCH window', command: 'UID SEARCH', capabilities: allCapabilities, run: (session) => session.searchWindow(0, true) },
  { name: 'UID FETCH FLAGS', command: 'UID FETCH', capabilities: allCapabilities, run: (session) => session.fetchFlags(all) },
  {
    name: 'VANISHED',
    command: 'UID FETCH',
    capabilities: allCapabilities,
    run: (session) => session.changes(asModSeq(1), [...all, ...all.map((uid) => (uid + MESSAGES) as Uid)]),
  },
  {
    name: 'CHANGEDSINCE without QRESYNC',
    command: 'UID FETCH',
    capabilities: without('QRESYNC'),
    run: (session) => session.changes(asModSeq(1), all),
  },
  {
    name: 'summaries',
    command: 'UID FETCH',
    capabilities: allCapabilities,
    expected: 6,
    run: (session) => collect(session.fetchSummaries(all.slice(0, 6))),
  },
  {
    name: 'sources',
    command: 'UID FETCH',
    capabilities: allCapabilities,
    expected: 12,
    run: (session) => collect(session.fetchSources(all.slice(0, 12))),
  },
];

let server: ImapScript;
let resultsFromFailedAnswers = 0;

async function freshServer(capabilities: readonly string[]): Promise<ImapScript> {
  const made = await startImapScript({ capabilities });
  const inbox = made.store.get('INBOX');
  for (let n = 1; n <= MESSAGES; n += 1) inbox.add({ raw: raw(n), uid: n, flags: n % 3 === 0 ? ['\\Seen', '$Forwarded'] : [] });
  for (let n = MESSAGES + 1; n <= 2 * MESSAGES; n += 1) inbox.add({ raw: raw(n) });
  // What vanishes leaves gaps, so that answers are long.
  for (const uid of every(Array.from({ length: MESSAGES }, (_, i) => (i + 1 + MESSAGES) as Uid))) inbox.expunge(uid);
  for (let n = 1; n <= 12; n += 1) made.store.create(`Box ${n}`);
  return made;
}

async function session(): Promise<ImapSession> {
  const opened = await openGatewaySession({ port: server.port });
  await opened.select('INBOX');
  return opened;
}

async function answerLength(call: Call): Promise<number> {
  let length = 0;
  const opened = await session();
  server.fault({
    command: call.command,
    action: {
      rewrite: (answer) => {
        length = answer.length;
        return answer;
      },
    },
  });
  await call.run(opened, server);
  await opened.close();
  return length;
}

/** Carries out the call under a fault; anything but a MailError is a failure of the bar. */
async function mustReject(call: Call, prepare: () => () => void, codes?: readonly string[]): Promise<void> {
  const opened = await session();
  const withdraw = prepare();
  const outcome: unknown = await call.run(opened, server).then(
    (result) => ({ resolved: result }),
    (error: unknown) => error,
  );
  withdraw();
  if (isWhole(call, outcome)) return opened.close();
  if (!(outcome instanceof Error)) resultsFromFailedAnswers += 1;
  expect(outcome, `${call.name} gave a result from a failed answer`).toMatchObject({ name: 'MailError' });
  if (codes) expect(codes).toContain((outcome as { code: string }).code);
  await opened.close();
}

function isWhole(call: Call, outcome: unknown): boolean {
  const { resolved } = outcome as { resolved?: unknown };
  return (
    call.expected !== undefined &&
    Array.isArray(resolved) &&
    resolved.length === call.expected &&
    resolved.every((one) => !('error' in (one as object)))
  );
}

describe('I6: a failed or cut-off answer is never empty', () => {
  let cuts = 0;
  let refusals = 0;

  afterEach(() => server.close());

  for (const call of calls) {
    describe(call.name, () => {
      beforeEach(async () => {
        server = await freshServer(call.capabilities);
      });

      // In the sample at every other one of the last: each call meets a cut in its tagged line all the same.
      it('cut at every 100th byte, and at each of the last 40', async () => {
        const length = await answerLength(call);
        const points = new Set<number>();
        for (let at = 0; at < length; at += STEP_BYTES) points.add(at);
        // The tagged line counts as given once its text is complete; its last two bytes are the line end.
        for (let at = Math.max(0, length - 40); at < length; at += isFull ? 1 : 2) points.add(at);
        for (const at of points) {
          await mustReject(call, () => server.fault({ command: call.command, action: { cutAfterBytes: at, reset: at % 200 === 0 } }), [
            'connection-lost',
          ]);
          cuts += 1;
        }
      });

      it('NO, BAD and BYE in place of OK, before and after the answer', async () => {
        const refuse = (status: string) => ({
          rewrite: (answer: Buffer) =>
            Buffer.from(answer.toString('latin1').replace(/^(\w+) OK [^\r]*\r\n$/m, `$1 ${status} sorry\r\n`), 'latin1'),
        });
        for (const action of [
          { no: 'sorry' },
          { bad: 'sorry' },
          { bye: 'sorry' },
          refuse('NO'),
          refuse('BAD'),
          refuse('BYE'),
          refuse('NO Some of the requested messages no longer exist.'),
        ]) {
          await mustReject(call, () => server.fault({ command: call.command, nth: 'every', action }));
          refusals += 1;
        }
      });

      // A FETCH that answers nothing is a true answer: the messages are gone (RFC 9051 6.4.8). A LIST without INBOX is judged where
      // it is compared with what is stored (test/unit/mirror-listing.test.ts).
      if (/SEARCH|STATUS|SELECT/u.test(call.name))
        it('OK without its untagged lines', async () => {
          const strip = {
            rewrite: (answer: Buffer) =>
              ['SEARCH', 'ESEARCH', 'STATUS', 'EXISTS', 'OK'].reduce((left, name) => withoutUntagged(left, name), answer),
          };
          await mustReject(call, () => server.fault({ command: call.command, nth: 'every', action: strip }), ['answer-incomplete']);
          refusals += 1;
        });
    });
  }

  afterAll(() => {
    expect(cuts).toBeGreaterThanOrEqual(300);
    reportFigure('I6 cut answers (gateway)', { cuts, refusals, resultsFromFailedAnswers });
  });
});
