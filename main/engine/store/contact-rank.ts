/** After this time a mail counts half. */
const HALF_LIFE_MS = 30 * 86_400_000;
/** Somebody written to is somebody one writes to; most senders are not. */
const SENT_WEIGHT = 10;
const RECEIVED_WEIGHT = 1;
const ROBOT_WEIGHT = 0.02;
const ROBOT =
  /^(?:(?:no|do[-_.]?not|not)[-_.]?reply|mailer-daemon|postmaster|bounces?|notifications?|newsletter|news|alerts?|automated|daemon|info-noreply)(?:[-_.+].*)?$|[-_.+](?:no-?reply|bounces?)$/;

/** True for addresses that no person reads. */
export const isRobot = (address: string): boolean => ROBOT.test(address.slice(0, Math.max(0, address.lastIndexOf('@'))).toLowerCase());

/** Logarithm (base 2) of the weight of one mail at its time, on a scale without a present moment. */
export function rankOf(address: string, isSent: boolean, at: number): number {
  const weight = (isSent ? SENT_WEIGHT : RECEIVED_WEIGHT) * (isRobot(address) ? ROBOT_WEIGHT : 1);
  return Math.log2(weight) + at / HALF_LIFE_MS;
}

/** Logarithm of the sum of two weights given by their logarithms. */
export function addRanks(left: number, right: number): number {
  const high = Math.max(left, right);
  return high + Math.log2(1 + 2 ** (Math.min(left, right) - high));
}

/** The weight as it counts now. */
export const scoreAt = (rank: number, now: number): number => 2 ** Math.min(500, rank - now / HALF_LIFE_MS);
