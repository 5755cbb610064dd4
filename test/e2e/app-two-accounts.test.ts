import { afterAll } from 'vitest';
import { endShared } from './support/shared-accounts.ts';
// In this order, on one app.
import './on-accounts/conversations.ts';
import './on-accounts/compose-accounts.ts';
import './on-accounts/remove-account.ts';

afterAll(endShared);
