import type { AttachmentDanger } from '../../../shared/model/trust.ts';

/** Why an attachment can do harm, before it is said of which one. */
export type DangerFound = Omit<AttachmentDanger, 'index'>;
