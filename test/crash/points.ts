import type { ImapGateway, ImapSession } from '../../main/engine/imap/gateway.ts';
import type { DatabaseHandle } from '../../main/engine/store/contract.ts';

/** Calls `point` when all of a transaction's work is done and nothing of it is durable. */
export function beforeCommits(handle: { tx: DatabaseHandle['tx'] }, point: () => void): void {
  const commit = handle.tx.bind(handle);
  handle.tx = (name, work) =>
    commit(name, () => {
      const result = work();
      point();
      return result;
    });
}

/** Calls `point` when a server's answer is in hand and nothing of it is recorded. */
export function atAnswers(gateway: ImapGateway, point: () => void): ImapGateway {
  const answered = <T>(value: T): T => (point(), value);
  const get = (session: ImapSession, name: keyof ImapSession): unknown => {
    const value: unknown = Reflect.get(session, name, session);
    if (typeof value !== 'function') return value;
    return (...args: unknown[]) => {
      const answer: unknown = value.apply(session, args);
      return answer instanceof Promise ? answer.then(answered) : answer;
    };
  };
  const around = (session: ImapSession): ImapSession =>
    new Proxy(session, { get: (target, name) => get(target, name as keyof ImapSession) });
  return { connect: async (...args) => around(answered(await gateway.connect(...args))) };
}
