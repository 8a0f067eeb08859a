import { useSyncExternalStore } from 'react';
import { madeCopy, type WizardDraft } from './draft.ts';

interface Secrets {
  /** What everybody in a pseudonymised copy logs in with. */
  readonly password: string;
}

/** Secrets of the form: in the memory of this window and nowhere else, so they are no part of the draft. */
let secrets: Secrets = { password: '' };
const listeners = new Set<() => void>();

function setSecrets(next: Secrets): void {
  secrets = next;
  for (const listener of listeners) listener();
}

function subscribe(listener: () => void): () => void {
  listeners.add(listener);
  return () => listeners.delete(listener);
}

export function useSecrets(): { readonly secrets: Secrets; readonly setSecrets: (secrets: Secrets) => void } {
  return { secrets: useSyncExternalStore(subscribe, () => secrets), setSecrets };
}

/** Once they were handed over, and when the walk is left. */
export function forgetSecrets(): void {
  setSecrets({ password: '' });
}

/** Whether a password was typed for a copy that is still to be made, and is not there any more. */
export function isPasswordGone(draft: WizardDraft, { password }: Secrets): boolean {
  const { on, password: typed } = draft.pseudonymise;
  return on && typed?.given === true && password === '' && madeCopy(draft) === undefined;
}
