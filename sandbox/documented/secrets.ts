import { randomBytes } from 'node:crypto';
import bcrypt from 'bcryptjs';

/** What exports show instead of a secret; whoever sends it back means "unknown", not a secret of asterisks. */
const MASK = /^\*{3,}$/;

export function isMasked(secret: string): boolean {
  return MASK.test(secret);
}

export function hashSecret(secret: string, cost: number): Promise<string> {
  return bcrypt.hash(secret, cost);
}

const LOWEST_COST = 4;

/**
 * The hash of a random secret that nobody is told, for a confidential client that came without one. At the lowest cost:
 * 256 random bits need no stretching.
 */
export function hashOfUnknownSecret(): Promise<string> {
  return bcrypt.hash(randomBytes(32).toString('base64'), LOWEST_COST);
}
