import { existsSync } from 'node:fs';
import { ServerProcess } from './server-process.ts';

/** Where Debian and the usual builds put the server; not on every user's PATH. */
function findBinary(name: string): string {
  const places = ['/usr/sbin', '/usr/bin', '/usr/local/sbin', '/usr/local/bin', '/opt/homebrew/sbin', '/opt/homebrew/bin'];
  return places.map((place) => `${place}/${name}`).find((file) => existsSync(file)) ?? name;
}

/** Path of the doveadm command. */
export const doveadmBinary = (): string => findBinary('doveadm');

/** True when this machine has Dovecot. */
export const isDovecotInstalled = (): boolean => findBinary('dovecot') !== 'dovecot';

/** Starts Dovecot in the foreground and resolves once its IMAP port greets. */
export function startDovecotProcess(configFile: string, port: number, folder: string): Promise<ServerProcess> {
  return ServerProcess.start({ program: findBinary('dovecot'), args: ['-F', '-c', configFile], port, greeting: '* OK', folder });
}
