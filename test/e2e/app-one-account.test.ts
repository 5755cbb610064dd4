import { afterAll } from 'vitest';
import { endShared } from './support/shared-accounts.ts';
// In this order, on one app: the last one makes any calls.
import './on-accounts/actions.ts';
import './on-accounts/drill.ts';
import './on-accounts/call-fuzz.ts';

afterAll(endShared);
