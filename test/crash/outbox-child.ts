import { readFileSync, writeSync } from 'node:fs';
import { createSmtpGateway } from '../../main/engine/smtp/nodemailer-gateway.ts';
import type { ImapSession } from '../../main/engine/imap/gateway.ts';
import type { SmtpGateway } from '../../main/engine/smtp/gateway.ts';
import { OutboxRig } from '../support/outbox-rig.ts';
import { RateClock } from '../support/rate-clock.ts';
import { mailsOf, runToRest, type OutboxTask } from './outbox-world.ts';

const CLOCK_RATE = 300;

const task = JSON.parse(readFileSync(0, 'utf8')) as OutboxTask;
let points = 0;
/** Names of the points passed, for the report. */
const point = (name: string): void => {
  points += 1;
  if (points !== task.crashAt) return;
  writeSync(1, `killed at ${name}\n`);
  process.kill(process.pid, 'SIGKILL');
};

/** A point at each answer of a server, when it is in hand and nothing of it is recorded. */
function atAnswers(session: ImapSession): ImapSession {
  return new Proxy(session, {
    get: (target, name) => {
      const value: unknown = Reflect.get(target, name, target);
      if (typeof value !== 'function') return value;
      return (...args: unknown[]) => {
        const answer: unknown = value.apply(target, args);
        if (!(answer instanceof Promise)) return answer;
        return answer.then((given: unknown) => (point(`imap.${String(name)}`), given));
      };
    },
  });
}

/** A point before each phase of a submission, and at its result. */
function atPhases(gateway: SmtpGateway): SmtpGateway {
  return {
    verify: (...args) => gateway.verify(...args),
    submit: async (endpoint, login, request, options) => {
      const onPhase = async (...args: Parameters<typeof options.onPhase>): Promise<void> => {
        point(`smtp.before-${args[0]}`);
        await options.onPhase(...args);
        point(`smtp.${args[0]}`);
      };
      const result = await gateway.submit(endpoint, login, request, { ...options, onPhase });
      point(`smtp.result`);
      return result;
    },
  };
}

const clock = new RateClock();
clock.rate = CLOCK_RATE;
const rig = new OutboxRig({
  ...{ primary: task.smtp, relay: task.smtp, clock, seed: task.run, step: point, smtp: atPhases(createSmtpGateway()) },
  place: { dir: task.dir, key: Buffer.from(task.keyHex, 'hex') },
});
const commit = rig.handle.tx.bind(rig.handle);
rig.handle.tx = (name, work) => {
  const result = commit(name, () => {
    const made = work();
    point(`before ${name}`);
    return made;
  });
  point(`after ${name}`);
  return result;
};
rig.route = { side: 'relay', hold: null };
rig.outbox.start();
for (const frozen of mailsOf(rig, task.run)) {
  rig.outbox.enqueue(frozen);
  writeSync(1, `kept ${frozen.messageId}\n`);
}
await runToRest(rig, task.imap, atAnswers);
await rig.stop();
writeSync(1, `steps ${points}\n`);
