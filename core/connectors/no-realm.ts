/** What to do where there is no realm of a name. @param environment by its name */
export function lookForRealm(environment: string): string {
  return `Check the spelling. To see which realms there are: drawbridge realms ${environment}.`;
}
