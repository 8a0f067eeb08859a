import { readFileSync, mkdirSync, writeFileSync } from 'node:fs';
import { dirname } from 'node:path';
import { z } from 'zod';

/** The answer of the address: no more of it is read than this. */
const answer = z.object({
  version: z.string().regex(/^\d+\.\d+\.\d+$/),
  page: z.url({ protocol: /^https$/ }).optional(),
});
const ANSWER_LIMIT = 64_000;
const DAY = 24 * 60 * 60_000;
const PATIENCE = 15_000;

export type UpdateNews =
  | { readonly kind: 'off' }
  /** Nobody has said where to ask. */
  | { readonly kind: 'nowhere' }
  | { readonly kind: 'unknown'; readonly reason: string }
  | { readonly kind: 'newest' }
  | { readonly kind: 'newer'; readonly version: string; readonly page: string | undefined };

/** By whatever knows the proxies and authorities of this computer. */
type Fetch = (address: string, init: RequestInit) => Promise<Response>;

export interface UpdateQuestion {
  /** Where to ask; undefined: nowhere. */
  readonly address: string | undefined;
  readonly present: string;
  /** Of this program's own: when it was last asked, and what was answered. */
  readonly file: string;
  readonly fetch: Fetch;
  readonly now: number;
}

/** What the sentence of the menu and of the about box says. */
export function updateSentence(news: UpdateNews): string {
  switch (news.kind) {
    case 'off':
      return 'Not looking for newer versions (Settings)';
    case 'nowhere':
      return 'No address to ask for newer versions';
    case 'unknown':
      return `Newer versions: not known (${news.reason})`;
    case 'newest':
      return 'This is the newest version';
    case 'newer':
      return `Version ${news.version} is there`;
  }
}

/** Asks, unless that was done within the last day: then the answer is the one of then. Nothing is downloaded, ever. */
export async function lookForUpdate(question: UpdateQuestion): Promise<UpdateNews> {
  const { address, present, file, now } = question;
  if (address === undefined) return { kind: 'nowhere' };
  const before = readAsked(file);
  if (before?.address === address && now - before.at < DAY && now >= before.at)
    return before.answer ? newsOf(before.answer, present) : { kind: 'unknown', reason: 'asked today' };
  try {
    // Kept before the question: one that fails is not asked again today either.
    keepAsked(file, { address, at: now });
    const told = await ask(address, question.fetch);
    keepAsked(file, { address, at: now, answer: told });
    return newsOf(told, present);
  } catch (error) {
    return { kind: 'unknown', reason: error instanceof Error ? error.message : String(error) };
  }
}

/** The configured address. @returns undefined for none, and for one that is not https, or has credentials in it */
export function updateAddress(configured: string | undefined): string | undefined {
  if (!configured) return undefined;
  const url = URL.canParse(configured) ? new URL(configured) : undefined;
  const isPlain = url?.username === '' && url.password === '';
  return url?.protocol === 'https:' && isPlain ? url.href : undefined;
}

type Answer = z.infer<typeof answer>;

async function ask(address: string, fetchIt: Fetch): Promise<Answer> {
  const response = await fetchIt(address, {
    redirect: 'error',
    credentials: 'omit',
    headers: { accept: 'application/json' },
    signal: AbortSignal.timeout(PATIENCE),
  });
  if (!response.ok) throw new Error(`the address answered ${response.status}`);
  const parsed = answer.safeParse(asJson(await beginning(response)));
  if (!parsed.success) throw new Error('the answer tells no version');
  return parsed.data;
}

/** @throws Error when there is more than that */
async function beginning({ body }: Response): Promise<string> {
  const decoder = new TextDecoder();
  let text = '';
  for await (const part of body ?? []) {
    text += decoder.decode(part as Uint8Array, { stream: true });
    if (text.length > ANSWER_LIMIT) throw new Error('the answer is too long');
  }
  return text;
}

function asJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

function newsOf({ version, page }: Answer, present: string): UpdateNews {
  return isNewer(version, present) ? { kind: 'newer', version, page } : { kind: 'newest' };
}

function isNewer(one: string, other: string): boolean {
  return one.localeCompare(other, 'en', { numeric: true }) > 0;
}

const asked = z.object({ address: z.string(), at: z.number(), answer: answer.optional() });
type Asked = z.infer<typeof asked>;

function readAsked(file: string): Asked | undefined {
  try {
    return asked.parse(JSON.parse(readFileSync(file, 'utf8')));
  } catch {
    // Not there, or not ours: then nobody was asked yet.
    return undefined;
  }
}

function keepAsked(file: string, what: Asked): void {
  mkdirSync(dirname(file), { recursive: true, mode: 0o700 });
  writeFileSync(file, `${JSON.stringify(what)}\n`, { mode: 0o600 });
}
