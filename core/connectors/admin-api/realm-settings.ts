/** The members of a realm that the Realms API can change, and what it calls them (OpenGate documentation, Realms API page). */
export const REALM_SETTINGS: Readonly<Record<string, string>> = {
  displayName: 'displayName',
  accessTokenLifespan: 'tokenLifespanSeconds',
  refreshTokenLifespan: 'refreshTokenLifespanSeconds',
  mfaRequired: 'mfaRequired',
};
