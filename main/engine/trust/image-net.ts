import { lookup } from 'node:dns/promises';
import { connect } from 'node:tls';
import type { ImageNet } from './fetch-image.ts';

const HTTPS_PORT = 443;

/** The real network. Node's own TLS and not a browser's: a browser would look the name up once more, after the check. */
export const systemImageNet: ImageNet = {
  resolve: async (host) => (await lookup(host, { all: true, verbatim: true })).map(({ address }) => address),
  dial: (address, host) => connect({ host: address, port: HTTPS_PORT, servername: host, ALPNProtocols: ['http/1.1'] }),
};
