const SAYS = 'The source’s snapshot says: ';

/** A finding of the source's snapshot, as a plan and what became of it tell it. */
export function sourceFinding(finding: string): string {
  return `${SAYS}${finding}`;
}

/** What of these sentences is about the source, as its snapshot has it, and what is about the target. */
export function findingsApart(sentences: readonly string[]): {
  readonly ofSource: readonly string[];
  readonly others: readonly string[];
} {
  const isOfSource = (sentence: string): boolean => sentence.startsWith(SAYS);
  return {
    ofSource: sentences.filter(isOfSource).map((sentence) => sentence.slice(SAYS.length)),
    others: sentences.filter((sentence) => !isOfSource(sentence)),
  };
}
