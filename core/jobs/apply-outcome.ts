import { AppError } from '../../contract/errors.ts';
import type { ApplyResult, SectionOutcome } from '../../contract/job.ts';
import { integer } from '../../contract/numbers.ts';
import type { SnapshotManifest } from '../model/snapshot.ts';
import { SECTIONS } from '../model/sections.ts';
import type { Done } from './done-counts.ts';
import type { PlanDocument } from './plan-document.ts';
import type { StepsOutcome } from './run-steps.ts';
import type { Verification } from './verify-target.ts';

export interface ApplyEnd {
  readonly result: ApplyResult;
  /** The import ran to its end, and the target is not what was promised. */
  readonly error?: AppError;
}

interface Outcome {
  readonly plan: string;
  readonly status: 'succeeded' | 'succeeded_with_errors' | 'nothing-to-do';
  readonly safety: SnapshotManifest | undefined;
  readonly after?: SnapshotManifest;
  readonly written?: StepsOutcome;
  readonly done: Done;
  readonly verification?: Verification;
}

/** What is told of an import that ran to its end; an error beside it when the target is not what was promised. */
export function applyOutcome(document: PlanDocument, outcome: Outcome): ApplyEnd {
  const { target } = document;
  const { written, verification, safety, after, done } = outcome;
  const total = (what: keyof SectionOutcome) =>
    SECTIONS.reduce((sum, section) => sum + (done.sections[section]?.[what] ?? 0), 0);
  const deviationCount = verification?.count ?? 0;
  const result: ApplyResult = {
    status: outcome.status,
    environment: target.environment,
    realm: target.realm,
    plan: outcome.plan,
    verified:
      deviationCount === 0 &&
      (verification?.unverifiable.length ?? 0) === 0 &&
      (written?.failures ?? 0) === 0,
    counts: {
      create: total('create'),
      update: total('update'),
      delete: total('delete'),
      skip: total('skip'),
      unchanged: total('unchanged'),
      failed: written?.failures ?? 0,
      retries: (written?.retries ?? 0) + (safety?.retries ?? 0) + (after?.retries ?? 0),
    },
    sections: done.sections,
    failures: written?.failures ?? 0,
    deviations:
      verification?.first.map((deviation) => ({ ...deviation, members: [...deviation.members] })) ?? [],
    deviationCount,
    safetySnapshot: safety?.id ?? null,
    verificationSnapshot: after?.id ?? null,
    todo: outcome.status === 'nothing-to-do' ? [] : todo(outcome),
  };
  return deviationCount === 0 ? { result } : { result, error: notAsPromised(result) };
}

/** What was to be minded, as it is told once it was done. */
function afterwards({ warnings, afterwards: told = {} }: Done['told']): string[] {
  return warnings.flatMap((warning) => {
    const after = Object.hasOwn(told, warning) ? told[warning] : warning;
    return after == null ? [] : [after];
  });
}

/** What a person must do now. The plan's warnings say it before, this says it after. */
function todo({ written, verification, done }: Outcome): string[] {
  const unseen = verification?.unverifiable ?? [];
  return [
    ...(unseen.length > 0
      ? [`Written, but not to be read back over this channel, and so not verified: ${unseen.join(', ')}.`]
      : []),
    ...leftTodo(verification),
    ...issuedTodo(written),
    ...afterwards(done.told),
    ...lostTodo(done.told),
    ...unverifiedEmails(done.told),
    ...(written?.warnings ?? []),
    ...failedTodo(written?.failures ?? 0, done),
  ];
}

/** Of what failed, it is told apart what stands there all the same: there is nothing to be done about that. */
function failedTodo(failures: number, { gone, found }: Done): string[] {
  const there = found['as-promised'] ?? 0;
  const missing = failures - there;
  return [
    ...(missing > 0
      ? [
          `${missing === 1 ? 'One record was' : `${missing} records were`} not written: see the job’s report for the reason.`,
        ]
      : []),
    ...(gone > 0
      ? [
          `Of these, ${gone === 1 ? 'one was' : `${gone} were`} deleted to be written anew and ${gone === 1 ? 'is' : 'are'} not there now: the safety snapshot has ${gone === 1 ? 'it' : 'them'}.`,
        ]
      : []),
    ...(there > 0
      ? [
          `${there === 1 ? 'One record' : `${there} records`} failed, and ${there === 1 ? 'was' : 'were'} found to be as promised when the target was read again: nothing has to be done about ${there === 1 ? 'it' : 'them'}.`,
        ]
      : []),
  ];
}

/** What went with records that stay, or stand there again: somebody has to give them another. */
function lostTodo({
  losses: { passwordHashes, clientSecrets, otherCredentials = {}, unseen },
}: Done['told']): string[] {
  return [
    ...(passwordHashes > 0
      ? [
          unseen?.passwordHashes
            ? unseenPasswords(passwordHashes)
            : passwordHashes === 1
              ? 'One password was lost: set another one on the target, or have the user reset it.'
              : `${integer(passwordHashes)} passwords were lost: set others on the target, or have the users reset them.`,
        ]
      : []),
    ...Object.entries(otherCredentials).map(([type, count]) =>
      count === 1
        ? `One credential of type ${type} was lost: the user has to set it up again.`
        : `${integer(count)} credentials of type ${type} were lost: the users have to set them up again.`,
    ),
    ...(clientSecrets > 0
      ? [
          unseen?.clientSecrets
            ? unseenSecrets(clientSecrets)
            : clientSecrets === 1
              ? 'One client secret was lost: the client needs another one, and whoever uses it must be given it.'
              : `${integer(clientSecrets)} client secrets were lost: these clients need others, and whoever uses them must be given them.`,
        ]
      : []),
  ];
}

/** What was lost at most: the target does not tell. */
function unseenPasswords(count: number): string {
  return count === 1
    ? 'One password was lost, if there was one, which the target does not tell: then set another one on the target, or have the user reset it.'
    : `Up to ${integer(count)} passwords were lost: who had one, the target does not tell. Set others on the target, or have the users reset them.`;
}

function unseenSecrets(count: number): string {
  return count === 1
    ? 'One client secret was lost, if there was one, which the target does not tell: then the client needs another one, and whoever uses it must be given it.'
    : `Up to ${integer(count)} client secrets were lost: which clients had one, the target does not tell. These clients need others, and whoever uses them must be given them.`;
}

/** Whoever has verified an address is asked to do it again, unless somebody sets it. */
function unverifiedEmails({ cannotSet }: Done['told']): string[] {
  const users = cannotSet.find(({ section, member }) => section === 'users' && member === 'emailVerified');
  if (!users) return [];
  const who = users.records === 1 ? '1 user' : `${users.records.toLocaleString('en-US')} users`;
  return [
    `Whether the e-mail address is verified (“emailVerified”) could not be set as in the source for ${who}: set it over PostgreSQL or on the server where it matters.`,
  ];
}

function leftTodo(verification: Verification | undefined): string[] {
  if (!verification?.left) return [];
  const { users, mappings } = verification.left;
  const [whose, are] = [users === 1 ? 'a user' : `${users} users`, mappings === 1 ? 'is' : 'are'];
  return [
    `${mappings === 1 ? 'One role mapping' : `${mappings} role mappings`} of ${whose} whom this import deleted ${are} still in the database of the RBAC service, and ${mappings === 1 ? 'points' : 'point'} at nobody: a user who is restored with that id would have these roles again. Find out what put or kept them there, and delete them.`,
  ];
}

function issuedTodo(written: StepsOutcome | undefined): string[] {
  const count = written?.issued.length ?? 0;
  if (count === 0) return [];
  const who = count === 1 ? 'One client has' : `${count} clients have`;
  return [
    `${who} a new id, and a new secret unless it is a public one. Tell whoever uses them: the job’s report says which id stands for which. The job keeps the new secrets until it is told to forget them: ask it for them, and keep them where the applications find them.`,
  ];
}

function notAsPromised(result: ApplyResult): AppError {
  const { environment, realm, deviationCount, safetySnapshot } = result;
  return new AppError(
    'VERIFICATION_FAILED',
    `${environment}/${realm} was captured again, and ${deviationCount === 1 ? 'one of its records is' : `${deviationCount} of its records are`} not as promised.`,
    {
      notChanged: 'The import was not undone.',
      remedy: `Look at the deviations in the report; a new plan shows what is left to do.${
        safetySnapshot === null ? '' : ` The target as it was before is snapshot ${safetySnapshot}.`
      }`,
      details: { deviations: deviationCount, safetySnapshot },
    },
  );
}
