import { mkdtempSync, rmSync, utimesSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { rootCertificates } from 'node:tls';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { tlsOptions } from '../../main/engine/core/tls-options.ts';
import { bundleStore, trustedContext, trusting, useSystemStore } from '../../main/engine/core/trusted-authorities.ts';
import { tlsIdentity } from '../support/tls.ts';

let folder: string;
let restore = (): void => undefined;
beforeEach(() => {
  folder = mkdtempSync(path.join(tmpdir(), 'holdover-store-'));
});
afterEach(() => {
  restore();
  restore = () => undefined;
  rmSync(folder, { recursive: true, force: true });
});

const company = tlsIdentity().ca;
const [first = '', second = ''] = rootCertificates;
const fileOf = (name: string, text: string): string => {
  const file = path.join(folder, name);
  writeFileSync(file, text);
  return file;
};
const use = (...files: string[]): void => {
  restore = useSystemStore(bundleStore(files));
};
const texts = (pems: readonly string[] | undefined): string[] => (pems ?? []).map((pem) => pem.replace(/\s/g, ''));

describe('the store of the machine', () => {
  it('is the first bundle that is there, whatever stands between the certificates', () => {
    const file = fileOf('b.pem', `# Company\n${company}\n\nsubject=CN = x\n${first}\n`);
    expect(texts(bundleStore([path.join(folder, 'none'), file, fileOf('c.pem', second)])())).toEqual(texts([company, first]));
  });

  it('is read again when it has changed, and only then', () => {
    const file = fileOf('b.pem', first);
    const store = bundleStore([file]);
    const before = store();
    expect(store()).toBe(before);
    writeFileSync(file, `${first}\n${company}`);
    utimesSync(file, new Date(), new Date(Date.now() + 5_000));
    expect(store()).toHaveLength(2);
  });

  it('is empty where there is none, or what is there is no bundle', () => {
    expect(bundleStore([path.join(folder, 'none')])()).toEqual([]);
    expect(bundleStore([folder])()).toEqual([]);
    expect(bundleStore([fileOf('b.pem', 'nothing')])()).toEqual([]);
  });
});

describe('whom TLS trusts', () => {
  it('the bundled authorities alone where the machine has no others', () => {
    use(fileOf('b.pem', `${first.replace(/\n/g, '\r\n')}\n${second}`));
    expect(trusting(undefined)).toEqual({});
    expect(trustedContext()).toEqual({});
    expect(tlsOptions({})).toEqual({ minVersion: 'TLSv1.2', rejectUnauthorized: true });
  });

  it('those that IT added to the machine, beside the bundled ones', () => {
    use(fileOf('b.pem', `${first}\n${company}`));
    const { ca } = trusting(undefined);
    expect(ca).toHaveLength(rootCertificates.length + 1);
    expect(texts(ca)).toContain(company.replace(/\s/g, ''));
  });

  it('both the machine and a file of its own', () => {
    use(fileOf('b.pem', company));
    const other = tlsIdentity('self-signed').certFile;
    expect(trusting(other).ca).toHaveLength(rootCertificates.length + 2);
  });

  it('is not kept from everything by one certificate that cannot be read', () => {
    use(fileOf('b.pem', `-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n${company}`));
    expect(trusting(undefined).ca).toHaveLength(rootCertificates.length + 1);
    expect(tlsOptions({}).secureContext).toBeDefined();
  });

  it('is made up once for the same certificates', () => {
    use(fileOf('b.pem', company));
    const { secureContext } = trustedContext();
    expect(trustedContext().secureContext).toBe(secureContext);
    expect(trustedContext([second]).secureContext).not.toBe(secureContext);
  });

  it('nobody where there is no TLS, and reads nothing for it', () => {
    let asked = 0;
    restore = useSystemStore(() => ((asked += 1), [company]));
    const strict = { minVersion: 'TLSv1.2', rejectUnauthorized: true };
    expect(tlsOptions({ security: 'plain', caFile: path.join(folder, 'none') })).toEqual(strict);
    expect(asked).toBe(0);
    expect(tlsOptions({ security: 'starttls' }).secureContext).toBeDefined();
  });

  it('says of a file with a broken certificate that it cannot be read', () => {
    const caFile = fileOf('own.pem', '-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n');
    expect(() => tlsOptions({ caFile }, 'primary')).toThrow(expect.objectContaining({ code: 'ca-file-unreadable', side: 'primary' }));
  });
});
