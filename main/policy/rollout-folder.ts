import { open, stat, type FileHandle } from 'node:fs/promises';
import path from 'node:path';
import { z } from 'zod';
import { enrolmentFileSchema, type EnrolmentFile } from '../../shared/model/enrolment-file.ts';
import type { UserAttributes } from '../../shared/policy/attributes.ts';
import type { PolicyFault } from '../../shared/policy/state.ts';
import { faultsOf } from './fault.ts';

/** What `npm run admin -- enrol` writes beside the files: who gets which. */
const LIST_FILE = 'people.json';
const MAX_LIST_BYTES = 64 * 1024 * 1024;
const MAX_FILE_BYTES = 1024 * 1024;
const LOOK_MS = 5_000;
const EVERYBODY_WRITES = 0o002;
const STICKY = 0o1000;
const MAX_PATH = 1000;

const name = z.string().min(1).max(320).nullable();
const listSchema = z.array(
  z.object({
    // No way out of the folder.
    file: z.string().regex(/^[a-z0-9@._+%-]{1,255}\.json$/u, 'must be the name of a file in the folder'),
    account: name,
    userPrincipalName: name,
  }),
);
type Listed = z.infer<typeof listSchema>[number];

/** What the rollout folder has for who is signed in. */
export type RolloutLook =
  /** Nobody in the list is this person. */
  | { readonly state: 'none' }
  /** Not to be reached now, such as a share: no fault, and no proof of anything. */
  | { readonly state: 'away'; readonly code: string }
  | { readonly state: 'wrong'; readonly faults: readonly PolicyFault[] }
  | { readonly state: 'found'; readonly accounts: EnrolmentFile['accounts'] };

class Wrong extends Error {
  readonly faults: readonly PolicyFault[];

  constructor(file: string, faults: readonly Pick<PolicyFault, 'path' | 'what' | 'value'>[]) {
    super('wrong');
    const place = 'enrolment-folder';
    this.faults = faults.map(({ path: at, ...rest }) => ({
      ...rest,
      place,
      path: (at === '' ? file : `${file}: ${at}`).slice(0, MAX_PATH),
    }));
  }
}

const whole = (what: string) => [{ path: '', what, value: null }];

/** Case does not matter, as in a directory; everything else does. */
const fold = (text: string): string => text.normalize('NFC').toLowerCase();
const same = (given: string | null, known: string | undefined): boolean =>
  given !== null && known !== undefined && fold(given) === fold(known);

/** Where both sides know it, the user principal name decides: the short name is that of somebody else in another domain. */
const isPerson = ({ account, userPrincipalName: upn }: Listed, who: UserAttributes): boolean =>
  upn !== null && who.userPrincipalName !== undefined ? same(upn, who.userPrincipalName) : same(account, who.samAccountName);

/** Whoever can write it can name servers to which people then give their passwords. */
const isOpenToAll = (mode: number, isFolder: boolean): boolean =>
  process.platform !== 'win32' && (mode & EVERYBODY_WRITES) !== 0 && !(isFolder && (mode & STICKY) !== 0);

async function readText(handle: FileHandle, file: string, most: number): Promise<string> {
  const { size, mode } = await handle.stat();
  if (isOpenToAll(mode, false)) throw new Wrong(file, whole('the file can be written by everybody'));
  if (size > most) throw new Wrong(file, whole(`the file is larger than ${most} bytes`));
  return handle.readFile('utf8');
}

function parsed<T>(file: string, text: string, schema: z.ZodType<T>): T {
  let json: unknown;
  try {
    json = JSON.parse(text);
  } catch {
    // The parser's own message quotes what stands there.
    throw new Wrong(file, whole('the file is not JSON'));
  }
  const result = schema.safeParse(json);
  if (result.success) return result.data;
  throw new Wrong(file, faultsOf('enrolment-folder', json, result.error));
}

/**
 * The folder that `npm run admin -- enrol` writes, read on the device: a share, or a folder that was laid there. It is only ever read. The list
 * of people is large where the company is: it is read again where it is another one.
 */
export class RolloutFolder {
  readonly #lookMs: number;
  #reading: Promise<RolloutLook> | null = null;
  #known: { readonly stamp: string; readonly file: string | null } | null = null;

  /** @param lookMs how long a share may take to answer */
  constructor(lookMs = LOOK_MS) {
    this.#lookMs = lookMs;
  }

  /** Never throws, and never keeps anybody waiting for a share that hangs: one look at a time, and none while the last still waits. */
  async look(folder: string, who: UserAttributes): Promise<RolloutLook> {
    if (this.#reading !== null) return { state: 'away', code: 'EBUSY' };
    const reading = this.#read(folder, who).finally(() => (this.#reading = null));
    this.#reading = reading;
    let timer: NodeJS.Timeout | undefined;
    const late = new Promise<RolloutLook>((resolve) => {
      timer = setTimeout(() => resolve({ state: 'away', code: 'ETIMEDOUT' }), this.#lookMs);
    });
    return Promise.race([reading, late]).finally(() => clearTimeout(timer));
  }

  async #read(folder: string, who: UserAttributes): Promise<RolloutLook> {
    try {
      if (isOpenToAll((await stat(folder)).mode, true)) throw new Wrong(folder, whole('the folder can be written by everybody'));
      const file = await this.#fileOf(folder, who);
      if (file === null) return { state: 'none' };
      const handle = await open(path.join(folder, file));
      const text = await readText(handle, file, MAX_FILE_BYTES).finally(() => handle.close());
      return { state: 'found', accounts: parsed(file, text, enrolmentFileSchema.unwrap()).accounts };
    } catch (error) {
      if (error instanceof Wrong) return { state: 'wrong', faults: error.faults };
      return { state: 'away', code: (error as NodeJS.ErrnoException).code ?? 'unknown' };
    }
  }

  /** Null where nobody in the list is this person. @throws Wrong where more than one is */
  async #fileOf(folder: string, who: UserAttributes): Promise<string | null> {
    const handle = await open(path.join(folder, LIST_FILE));
    try {
      const { mtimeMs, size, ino } = await handle.stat();
      const stamp = JSON.stringify([folder, mtimeMs, size, ino, who]);
      if (this.#known?.stamp === stamp) return this.#known.file;
      const list = parsed(LIST_FILE, await readText(handle, LIST_FILE, MAX_LIST_BYTES), listSchema);
      const found = list.flatMap((one, at) => (isPerson(one, who) ? [{ at, file: one.file }] : []));
      if (found.length > 1) {
        const places = found.slice(0, 5).map(({ at }) => `[${at}]`);
        throw new Wrong(LIST_FILE, [
          { path: places.join(' '), what: 'more than one entry is this person: nothing is set up from either', value: null },
        ]);
      }
      const file = found[0]?.file ?? null;
      this.#known = { stamp, file };
      return file;
    } finally {
      await handle.close();
    }
  }
}
