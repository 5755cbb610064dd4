import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { startPanel } from '../../scripts/demo/panel/server.mjs';
import { playWith } from '../../scripts/demo/play.mjs';
import { startDemoServers, type DemoServers } from '../../scripts/demo/servers.mjs';
import { buildSampleMailbox } from '../support/sample-mail/index.mjs';
import { createTransport } from 'nodemailer';

let servers: DemoServers;
let panel: { url: string; close: () => Promise<void> };
beforeEach(async () => {
  servers = await startDemoServers({ sample: buildSampleMailbox({ now: new Date('2025-11-24T10:00:00Z') }) });
  panel = await startPanel(playWith(servers, () => undefined));
});
afterEach(async () => {
  await panel.close();
  await servers.close();
});

const press = async (name: string): Promise<Record<string, unknown>> => {
  const answer = await fetch(`${panel.url}${name}`, { method: 'POST' });
  expect(answer.status).toBe(200);
  return (await answer.json()) as Record<string, unknown>;
};

const canLogIn = async (port: number, user: string, pass: string): Promise<boolean> => {
  const transport = createTransport({
    host: '127.0.0.1',
    port,
    auth: { user, pass },
    ignoreTLS: true,
    connectionTimeout: 1_000,
    greetingTimeout: 500,
  });
  try {
    return await transport.verify();
  } catch {
    return false;
  }
};

describe('the panel of the demo', () => {
  it('stops, swallows, refuses and restores the primary', async () => {
    const { user, pass, smtpPort } = servers.primary;
    expect(await canLogIn(smtpPort, user, pass)).toBe(true);
    expect((await press('primary-stop'))['primary']).toBe('stopped');
    expect(await canLogIn(smtpPort, user, pass)).toBe(false);
    expect((await press('primary-blackhole'))['primary']).toContain('black hole');
    expect(await canLogIn(smtpPort, user, pass)).toBe(false);
    expect((await press('primary-refuse'))['primary']).toContain('refuses');
    expect(await canLogIn(smtpPort, user, pass)).toBe(false);
    expect((await press('primary-restore'))['primary']).toBe('up');
    expect(await canLogIn(smtpPort, user, pass)).toBe(true);
  });

  it('lets mail wait at the relay for the primary, and hands it over once', async () => {
    const inbox = () => servers.primary.store.get('INBOX')?.messages.length ?? 0;
    const before = inbox();
    for (const outage of ['primary-stop', 'primary-blackhole']) {
      await press(outage);
      expect((await press('mail'))['waiting']).toBe(1);
      expect((await press('primary-restore'))['waiting']).toBe(0);
    }
    expect(inbox()).toBe(before + 2);
  });

  it('answers nobody who does not know its path', async () => {
    const { origin } = new URL(panel.url);
    for (const path of ['/', '/x/', '/x/primary-stop', '/../']) {
      expect((await fetch(`${origin}${path}`, { method: 'POST' })).status).toBe(404);
    }
    expect((await fetch(`${panel.url}constructor`, { method: 'POST' })).status).toBe(404);
    expect(servers.primary.isUp()).toBe(true);
  });
});
