import { readFileSync, writeSync } from 'node:fs';
import { Outbox } from '../../main/engine/outbox/outbox.ts';
import { createSmtpGateway } from '../../main/engine/smtp/nodemailer-gateway.ts';
import type { SmtpGateway } from '../../main/engine/smtp/gateway.ts';
import { OutboxRig } from '../support/outbox-rig.ts';
import { RateClock } from '../support/rate-clock.ts';
import { doAsPerson, personMails } from './outbox-person.ts';
import { aroundCommits, isPlace, sessionAtAnswers } from './points.ts';
import { doRarely } from './rare-mail.ts';
import { CLOCK_RATE, FORGOTTEN_AFTER_MS, mailsOf, PERSON_RATE, runToRest, sha256, type OutboxTask } from './outbox-world.ts';

const task = JSON.parse(readFileSync(0, 'utf8')) as OutboxTask;
const { crashAt } = task;
let points = 0;
/** How often each point was passed. */
const passed = new Map<string, number>();
const tell = (line: string): void => void writeSync(1, `${line}\n`);

const point = (name: string): void => {
  points += 1;
  // What is durable is told before anything else happens: it is what a recovery is measured by.
  const isBody = name.endsWith(' outbox.body');
  if (isBody || name.endsWith(' outbox.settle')) {
    if (name.startsWith('work')) tell('body deciding');
    if (name.startsWith('commit')) tell(isBody ? 'body open' : 'body settled');
  }
  const nth = (passed.get(name) ?? 0) + 1;
  passed.set(name, nth);
  if (typeof crashAt === 'number' ? points !== crashAt : !isPlace(crashAt, name, nth)) return;
  tell(`killed at ${name}`);
  process.kill(process.pid, 'SIGKILL');
};

/** A point before each phase of a submission and at its result, and where a part of the body has left and more is to follow. */
function atPhases(gateway: SmtpGateway): SmtpGateway {
  return {
    verify: (...args) => gateway.verify(...args),
    submit: async (endpoint, login, request, options) => {
      let isBody = false;
      const raw = function* (): Iterable<Uint8Array> {
        let pieces = 0;
        for (const piece of request.raw instanceof Uint8Array ? [request.raw] : request.raw()) {
          if (isBody && (pieces += 1) === 2) point('smtp.in-body');
          yield piece;
        }
      };
      const onPhase = async (...args: Parameters<typeof options.onPhase>): Promise<void> => {
        point(`smtp.before-${args[0]}`);
        await options.onPhase(...args);
        isBody ||= args[0] === 'body';
        point(`smtp.${args[0]}`);
      };
      const result = await gateway.submit(endpoint, login, { ...request, raw }, { ...options, onPhase });
      point('smtp.result');
      return result;
    },
  };
}

const clock = new RateClock();
clock.rate = task.mode === 'person' ? PERSON_RATE : CLOCK_RATE;
clock.suspend(task.aheadMs);
const rig = new OutboxRig({
  ...{ primary: task.smtp.primary, relay: task.smtp.relay, clock, seed: task.run, step: point, smtp: atPhases(createSmtpGateway()) },
  place: { dir: task.dir, key: Buffer.from(task.keyHex, 'hex') },
  around: ({ markOriginal }) => ({
    markOriginal: (row) => {
      markOriginal(row);
      tell(`marked ${row.messageId}`);
    },
  }),
});
aroundCommits(rig.handle, point);
rig.route = { side: 'relay', hold: null };
rig.outbox.start();
const mails = { send: mailsOf, person: personMails, resume: () => [], rare: () => [] }[task.mode](rig, task.run);
const ids = mails.map((frozen) => {
  tell(`offered ${frozen.messageId} ${sha256(frozen.raw)}`);
  const id = rig.outbox.enqueue(frozen);
  tell(`kept ${frozen.messageId}`);
  return id;
});
if (task.mode === 'person') await doAsPerson(rig, ids, (line) => (tell(line), point(line)));
if (task.mode === 'rare') await doRarely({ rig, tell, run: task.run, imap: task.imap });
else {
  await runToRest(rig, task.imap, (session) => sessionAtAnswers(session, point));
  // Long after: what ended is forgotten.
  await rig.outbox.stop();
  clock.suspend(FORGOTTEN_AFTER_MS);
  tell('long after all');
  rig.outbox = new Outbox(rig.context);
  rig.outbox.start();
}
await rig.stop();
tell(`steps ${points}`);
tell(`passed ${JSON.stringify(Object.fromEntries(passed))}`);
