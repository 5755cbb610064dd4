import type { ImapGateway, ImapSession } from '../../main/engine/imap/gateway.ts';
import type { DatabaseHandle } from '../../main/engine/store/contract.ts';
import type { AnyOf } from './kill-chain.ts';

/** The n-th time that the point of this name is reached, or the first of any of these points. */
export type Place = { readonly name: string; readonly nth: number } | AnyOf;

export const isPlace = (at: Place, name: string, nth: number): boolean =>
  'anyOf' in at ? at.anyOf.includes(name) : at.name === name && at.nth === nth;

/** Told where a process is, so that it can be killed there. */
export type OnPoint = (name: string) => void;

/** Calls `point` when all of a transaction's work is done and nothing of it is durable. */
export function beforeCommits(handle: { tx: DatabaseHandle['tx'] }, point: OnPoint): void {
  const commit = handle.tx.bind(handle);
  handle.tx = (name, work) =>
    commit(name, () => {
      const result = work();
      point(`work ${name}`);
      return result;
    });
}

/** Before each transaction begins, when its work is done and nothing of it is durable, and when it is. */
export function aroundCommits(handle: { tx: DatabaseHandle['tx'] }, point: OnPoint): void {
  beforeCommits(handle, point);
  const commit = handle.tx;
  handle.tx = (name, work) => {
    point(`begin ${name}`);
    const result = commit(name, work);
    point(`commit ${name}`);
    return result;
  };
}

/** A session that calls `point` when a server's answer is in hand and nothing of it is recorded. */
export function sessionAtAnswers(session: ImapSession, point: OnPoint): ImapSession {
  const get = (target: ImapSession, name: string | symbol): unknown => {
    const value: unknown = Reflect.get(target, name, target);
    if (typeof value !== 'function') return value;
    return (...args: unknown[]) => {
      const answer: unknown = value.apply(target, args);
      if (!(answer instanceof Promise)) return answer;
      return answer.then((given: unknown) => {
        point(`imap.${String(name)}`);
        return given;
      });
    };
  };
  // A setter keeps what it is given in the session itself.
  const set = (target: ImapSession, name: string | symbol, value: unknown): boolean => Reflect.set(target, name, value, target);
  return new Proxy(session, { get, set });
}

/** The same for every session of a gateway, and when one is made. */
export const atAnswers = (gateway: ImapGateway, point: OnPoint): ImapGateway => ({
  connect: async (...args) => {
    const session = await gateway.connect(...args);
    point('imap.connect');
    return sessionAtAnswers(session, point);
  },
});
