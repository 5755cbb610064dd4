import { closeSync, existsSync, openSync, readSync, statSync } from 'node:fs';
import { removeDurably, writeDurable } from '../../core/durable-file.ts';

const HEADER = 32;
const FRAME_HEADER = 24;
const PAGE = 4096;
const SALTS_AT = 16;
/** The shared index of the WAL begins with two equal heads: how many frames end with a commit, and the salts they have. */
const INDEX_HEAD = 48;
const ACCEPTED_AT = 16;
const INDEX_SALTS_AT = 32;

const mark = (path: string): string => `${path}.open`;

/** Notes that commits are in the WAL from now on. Call when one is durable there. */
export const noteOpen = (path: string): void => writeDurable(mark(path), 'open');

/** Notes that the WAL may be emptied. Call before that. */
export const noteClosing = (path: string): void => removeDurably(mark(path));

/** What the WAL held before SQLite opened it. */
export interface WalContent {
  /** Commits were in it, and it is gone or empty. */
  readonly isMissing: boolean;
  /** SQLite had begun to write it from the front again and had not committed: all that is left in it is in the database too. */
  readonly isBegunAnew: boolean;
  /** Numbers of the frames that end a commit, from 1, whether SQLite will accept them or not. */
  readonly commits: readonly number[];
  /** So many frames were durable, as the index of the process that is gone says: it is written after each sync. */
  readonly durable: number;
}

/** Looks at the WAL as it was left. Reads the heads of frames only, which are not encrypted. */
export function readWal(path: string): WalContent {
  const wal = `${path}-wal`;
  const size = existsSync(wal) ? statSync(wal).size : 0;
  if (size <= HEADER) return { isMissing: existsSync(mark(path)), isBegunAnew: false, commits: [], durable: 0 };
  const file = openSync(wal, 'r');
  try {
    const header = Buffer.alloc(HEADER);
    readSync(file, header, 0, HEADER, 0);
    const first = frameHead(file, 0).subarray(8, 16);
    const frames = Math.ceil((size - HEADER) / (FRAME_HEADER + PAGE));
    // Under a damaged header the frames tell which salts it had.
    const isSound = isSoundHeader(header);
    const salts = isSound ? header.subarray(SALTS_AT, SALTS_AT + 8) : first;
    const isBegunAnew = isSound && first.readUInt32BE(0) === (header.readUInt32BE(SALTS_AT) - 1) >>> 0;
    return { isMissing: false, isBegunAnew, commits: commitsOf(file, frames, salts), durable: acceptedFrames(path, salts) };
  } finally {
    closeSync(file);
  }
}

/** The checksum of the header, as the file format describes it. */
function isSoundHeader(header: Buffer): boolean {
  const isBig = (header.readUInt32BE(0) & 1) === 1;
  let [s0, s1] = [0, 0];
  for (let at = 0; at < 24; at += 8) {
    const word = (offset: number): number => (isBig ? header.readUInt32BE(offset) : header.readUInt32LE(offset));
    s0 = (s0 + word(at) + s1) >>> 0;
    s1 = (s1 + word(at + 4) + s0) >>> 0;
  }
  return header.readUInt32BE(24) === s0 && header.readUInt32BE(28) === s1;
}

function frameHead(file: number, index: number): Buffer {
  const head = Buffer.alloc(FRAME_HEADER);
  readSync(file, head, 0, FRAME_HEADER, HEADER + index * (FRAME_HEADER + PAGE));
  return head;
}

function commitsOf(file: number, frames: number, salts: Uint8Array): number[] {
  const commits: number[] = [];
  for (let index = 0; index < frames; index += 1) {
    const head = frameHead(file, index);
    if (head.readUInt32BE(4) !== 0 && head.subarray(8, 16).equals(salts)) commits.push(index + 1);
  }
  return commits;
}

/**
 * Whether SQLite left out commits that had been told as durable. One commit at the end may be torn: it was never told, since each is
 * synced before the next begins. Call while the database is open, after its first read.
 */
export function lostCommits(path: string, before: WalContent): boolean {
  if (before.isMissing) return true;
  const last = before.commits.at(-1);
  if (before.isBegunAnew && last === undefined) return false;
  if (last === undefined) return existsSync(mark(path));
  const accepted = acceptedFrames(path);
  const leftOut = before.commits.filter((frame) => frame > accepted).length;
  return before.durable > accepted || leftOut > 1 || (leftOut === 1 && accepted === 0 && existsSync(mark(path)));
}

/** @param salts only an index of a WAL with these says anything */
function acceptedFrames(path: string, salts?: Uint8Array): number {
  const index = `${path}-shm`;
  if (!existsSync(index)) return 0;
  const file = openSync(index, 'r');
  try {
    const heads = Buffer.alloc(2 * INDEX_HEAD);
    readSync(file, heads, 0, heads.length, 0);
    const head = heads.subarray(0, INDEX_HEAD);
    const isOfThisWal = salts === undefined || head.subarray(INDEX_SALTS_AT, INDEX_SALTS_AT + 8).equals(salts);
    return isOfThisWal && head.equals(heads.subarray(INDEX_HEAD)) ? head.readUInt32LE(ACCEPTED_AT) : 0;
  } finally {
    closeSync(file);
  }
}
