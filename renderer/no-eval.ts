import { z } from 'zod';

// The schemas must never try to compile themselves: the policy of the app forbids it, and each try would be reported.
// This module is imported before any that makes a schema.
z.config({ jitless: true });
