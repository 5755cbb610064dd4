import { connect } from 'node:net';
import { Worker } from 'node:worker_threads';

const HOST = '::1';
/** More than the kernel answers for a listener with the smallest backlog. */
const LOOKS = 8;
const LOOK_MS = 400;

/** Listens, and never takes a connection: its loop stands still for good. */
const LISTENER = `
const { parentPort, workerData } = require('node:worker_threads');
const server = require('node:net').createServer();
server.listen({ port: workerData.port, host: workerData.host, backlog: 1 }, () => {
  parentPort.postMessage('listening');
  setImmediate(() => Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0));
});
server.on('error', (error) => { throw error; });
`;

/** Whether a connection to it is neither made nor refused: what a network does that drops packets without a word. */
export function isSilent(port: number, host = HOST): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = connect({ port, host });
    const end = (isQuiet: boolean): void => {
      clearTimeout(timer);
      socket.destroy();
      resolve(isQuiet);
    };
    const timer = setTimeout(() => end(true), LOOK_MS);
    socket.once('connect', () => end(false));
    socket.once('error', () => end(false));
  });
}

export interface SilentPort {
  close(): Promise<void>;
}

/**
 * A black hole at the IPv6 loopback address: the kernel drops what asks for a connection, since the queue of a listener that accepts
 * nothing is full. Needs no privilege and no other network.
 */
export async function openSilentPort(port: number): Promise<SilentPort> {
  const worker = new Worker(LISTENER, { eval: true, workerData: { port, host: HOST } });
  await new Promise((resolve, reject) => {
    worker.once('message', resolve);
    worker.once('error', reject);
  });
  const close = async (): Promise<void> => void (await worker.terminate());
  // Each look that is answered fills the queue by one, though its connection is over.
  for (let look = 0; look < LOOKS; look += 1) if (await isSilent(port)) return { close };
  await close();
  throw new Error(`[${HOST}]:${port} answers`);
}
