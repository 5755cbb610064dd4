import { afterEach, describe, expect, it } from 'vitest';
import { EngineRig, rigConfig } from '../support/engine-rig.ts';

const server = (user: string) => ({ port: 1, user, password: 'pw' });
const primary = { imap: { type: 'password' as const, password: 'typed later' } };
let rig: EngineRig;
afterEach(() => rig.close());

describe('an account that IT enrolled without its password', () => {
  it('says that it is missing, and takes it with all that IT holds kept', async () => {
    rig = await EngineRig.open({ primary: server('alice') });
    const config = { ...rigConfig({ primary: server('bob') }), managed: { failover: 'ask' as const } };
    const { id } = await rig.engine.enrol(config, null);
    const missing = (await rig.engine.mirrorOnce()).find((run) => run.accountId === id);
    expect(missing?.error).toMatchObject({ code: 'secret-missing', side: 'primary' });

    const added = await rig.engine.enrol({ ...config, managed: {} }, { primary, relay: null });
    expect(added.id).toBe(id);
    expect(added.config.managed).toEqual({ failover: 'ask' });
    expect(await rig.secrets.get(id, 'primary', 'imap')).toEqual(primary.imap);
    await expect(rig.engine.enrol(config, null)).rejects.toMatchObject({ code: 'account-exists' });
  });
});
