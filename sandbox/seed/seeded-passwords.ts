/**
 * BCrypt hashes (cost 12) of the passwords that seeded users have, made beforehand: hashing a million takes days. The
 * user with number n (realm-definitions.ts) has the password `seededPassword(n)`.
 */
export const SEEDED_HASHES: readonly string[] = [
  '$2b$12$TI2VnHdGRJ4xnD20mOvEGusP8FeHZA4r8a5K2Ke1OqGUF9qzEevI.',
  '$2b$12$zucCNn17EPJsRdlntjOae.7g7ijiZs5RL/9/4VsnIkSvGdC4GXPDi',
  '$2b$12$aSPsz/kwlDNy939wn4gkZ.bDdYnWtahCVtjoumSsVNbBIVD.zJRlW',
  '$2b$12$051t2geggge3sqfh1iot2.nClELm5wJBruWh5i5I2OKFaTuBnyD9e',
  '$2b$12$IulEMJEkRrEOXADFoKqVjudYMZF7t8O578b/JvmPf6Ne.3epADhzG',
  '$2b$12$JbJiGYGBhYf3vPQwcD6CAOxuNSHFgZMGxcysip5ZjNqUMD53N/rfS',
  '$2b$12$T1f3uLacgNep5g5Wfo7kkedoVoPLg3LDyTzGAvGhK6nJCfD5kF4me',
  '$2b$12$ouHgCrk3.WWGfJYXOC4pmO54r2l0gTIAB141RzhmtevzmdOBQ9i0e',
];

export function seededPassword(userNumber: number): string {
  return `Welcome-${1 + (userNumber % SEEDED_HASHES.length)}!`;
}
