import type { ErrorCode } from './errors.ts';

export interface ErrorHelp {
  /** What has happened, as a rule. */
  readonly cause: string;
  /** What to do. */
  readonly remedy: string;
  /** What is as it was, whatever the message does not tell: a sentence that holds wherever the code is reported. */
  readonly notChanged: string;
}

/**
 * What an error's code means, beyond the sentences that an error brings itself. Those name the realm, file or server;
 * these say what lies behind it. A code without a text is refused by the compiler.
 */
export const ERROR_HELP: Readonly<Record<ErrorCode, ErrorHelp>> = {
  USAGE: {
    cause:
      'Drawbridge was asked for something that cannot be meant: a value has a form that is not allowed, two choices exclude each other, or what is asked does not fit the state that things are in, such as moving the catalog while a job runs.',
    remedy: 'Correct what the message names. Nothing was begun.',
    notChanged: 'Everything: it is found before anything is begun.',
  },
  NOT_FOUND: {
    cause:
      'There is no environment, snapshot, plan, job, schedule or record of that name or id. It may have been removed meanwhile, or deleted for good with the trash.',
    remedy:
      'Look at the list: names are written exactly as there, ids can be shortened as long as they fit one only.',
    notChanged: 'Everything: what is not found cannot be touched.',
  },
  AMBIGUOUS: {
    cause:
      'The beginning of an id fits several, or the tables of a service were found in several databases of the server.',
    remedy:
      'Give more characters of the id; for databases, say in the environment which one belongs to the service.',
    notChanged: 'Everything: nothing is guessed.',
  },
  INVALID_NAME: {
    cause:
      'A realm’s or an environment’s name has a form that is not allowed. Realms have lower-case letters, digits and hyphens, since they are parts of addresses; names that begin with “practice-” belong to the sandbox.',
    remedy: 'Choose another name. A realm can be renamed on its way to a target.',
    notChanged: 'Everything: names are checked before anything is stored or sent.',
  },
  SAME_REALM: {
    cause: 'The source and the target are the same realm of the same environment.',
    remedy: 'Choose another target, or rename the realm. To go back to an earlier state, restore a snapshot.',
    notChanged: 'Everything: no plan was made.',
  },
  UNREACHABLE: {
    cause:
      'Nobody answers at that address: the name is not known, the connection was refused, or the server has no connection left.',
    remedy:
      'Check the address and the port, whether the server runs, and whether a firewall or a VPN stands between. The test of the environment says which of its addresses it is.',
    notChanged:
      'The environment. Of a job that had begun, what was written until then stays and stands in its report.',
  },
  TLS_FAILED: {
    cause:
      'The server’s certificate cannot be trusted: it has expired, is made for another name, or was issued by an authority that this computer does not know. Or a certificate or key that was given cannot be used.',
    remedy:
      'Give the certificate of your own authority with the environment, or have the certificate renewed. Switching the check off is possible for one environment and warned of at every use: a server that is not checked can be anybody.',
    notChanged: 'The environment: no secret was sent to a server that is not trusted.',
  },
  TIMEOUT: {
    cause: 'The server took the call, and did not finish it in time; or a limit of the database ended it.',
    remedy: 'Try again when it is less busy. For slow servers, raise the limits of the environment.',
    notChanged:
      'While reading, everything. A write whose answer did not come may have been done all the same: the job’s report says what is known, and resuming looks before it writes again.',
  },
  AUTH_FAILED: {
    cause:
      'The client’s id or secret is wrong, no place was found that issues tokens for it, or the database refused the user and password.',
    remedy:
      'Give the right secret with the environment. Where tokens are issued elsewhere, give that address too; the test lists the places that were tried.',
    notChanged:
      'The environment: without a login nothing is read or written. A token or a password that is refused in the middle of a job ends it; its report says what was done until then.',
  },
  FORBIDDEN: {
    cause: 'The server knows the client or the database’s role, and does not let it do this.',
    remedy:
      'Give the client the roles of an administrator of realms, or the database’s role the rights that the environment’s page lists under “Rights in the databases”. The message names what was refused.',
    notChanged:
      'What was refused. What the same job had been allowed to do before that stands in its report.',
  },
  REALM_NOT_FOUND: {
    cause: 'The environment has no such realm: it was never there, was deleted, or has another name.',
    remedy: 'Look at the environment’s realms. A deleted one is brought back by restoring a snapshot of it.',
    notChanged: 'Everything: no realm is made where one was to be read.',
  },
  REALM_EXISTS: {
    cause:
      'A realm of that name is there already, and the plan or the seed was to create one. That is the harmless choice: nothing that is there is touched.',
    remedy: 'Choose to merge into it or to overwrite it, or give the realm another name on its way.',
    notChanged: 'The realm that is there, wholly.',
  },
  CLIENT_EXISTS: {
    cause:
      'A client of that id is there already, perhaps in another realm of the installation: OpenGate knows each client id once.',
    remedy:
      'Leave that client out, choose to update or skip clients that exist, or give it another id at its source.',
    notChanged:
      'The client that is there. Over PostgreSQL the whole plan was taken back; over the Admin API the report says what was written before.',
  },
  RATE_LIMITED: {
    cause: 'The server asked to wait, and for longer than Drawbridge waits by itself.',
    remedy:
      'Try again later, lower the rate of calls of this environment, or have the limit of its client raised.',
    notChanged:
      'While reading, everything. While writing, the report says how far the job came; nothing is lost by resuming it.',
  },
  SERVER_ERROR: {
    cause:
      'The server failed: it answered with an error of its own, has no room left, or rolled a transaction back.',
    remedy:
      'Look at the server’s log at the time of the call. Reads are repeated by themselves before this is said; what was written until then stands in the job’s report.',
    notChanged:
      'While reading, everything. While writing over PostgreSQL a database whose transaction was rolled back; over the Admin API what the report names.',
  },
  UNEXPECTED_ANSWER: {
    cause:
      'What answered is not OpenGate’s API: a login page of a proxy, another program, or an answer that broke off or is no JSON. Or a database holds what it should not: a text that is none, since its encoding (SQL_ASCII) checks nothing.',
    remedy:
      'Check the address, and what stands between here and there. Test the environment: it says what was found where. Where the message names a row of a database, correct it there.',
    notChanged:
      'While reading, everything: no snapshot is made of half an answer. While writing, see the report.',
  },
  REQUEST_REFUSED: {
    cause:
      'The server understood what was sent and does not take it: a value breaks one of its rules, or its tables are of another release.',
    remedy: 'Correct what the message names at the source, or leave that record out.',
    notChanged: 'What was refused. What was accepted before stands in the report.',
  },
  CONNECTION_LOST: {
    cause: 'The connection broke while it was used: the server was restarted, or something between cut it.',
    remedy:
      'Resume the job: it goes on where it stopped, and finds out first what became of what was under way.',
    notChanged:
      'While reading, everything. While writing, what had not been committed: what became of the last step is found out when the job is resumed.',
  },
  UNSUPPORTED_BY_ROUTE: {
    cause:
      'The channel to the environment cannot do it: the API does not know such a record, the database is a standby that is only read, or the snapshot does not contain what is asked for.',
    remedy:
      'Add the other channel to the environment, choose another snapshot, or leave it out. The page on what each channel can read and write says which can.',
    notChanged:
      'Everything, as a rule: the plan says it before anything is written. A job that meets it in its midst writes nothing more.',
  },
  SCHEMA_UNSUPPORTED: {
    cause:
      'The tables in the databases are not those of an OpenGate that Drawbridge knows, or are not where it looks for them.',
    remedy:
      'Say in the environment which database belongs to which service. If the server is newer than this Drawbridge, use a newer one, or go over the Admin API.',
    notChanged: 'Everything: tables that are not understood are neither read as a realm nor written to.',
  },
  TARGET_LOCKED: {
    cause: 'Somebody else holds a lock on a table of the database, for longer than Drawbridge waits.',
    remedy:
      'Wait until the other work is done, or end it; the message says who it is where the database tells. Nothing was written.',
    notChanged: 'The target: nothing was written.',
  },
  INVALID_DOCUMENT: {
    cause:
      'The file is no valid export document of OpenGate, or the archive is damaged or was changed. Of an archive nothing is taken unless all of it can be proved. Or a record has a value that the target’s database cannot hold.',
    remedy:
      'The message names the place in the file, or the record. Export it anew at its source, or fetch it again; correct the record there, or leave it out.',
    notChanged: 'Everything: no snapshot was made of it, or nothing was written.',
  },
  DOCUMENT_TOO_LARGE: {
    cause:
      'A single record, how deeply it is nested, or a part of an archive is beyond all bounds; or a file was dropped into a browser’s page that is too large to be handed over. Otherwise the size of a file does not matter: files of millions of users are read in pieces.',
    remedy:
      'Type the path of a file that is too large to be dropped. In all other cases check where the file comes from: no real export or archive comes near these limits.',
    notChanged: 'Everything: nothing of it was kept.',
  },
  DUPLICATE_KEY: {
    cause: 'What was read has the same record twice, such as two users of one name.',
    remedy:
      'A realm holds each of these once: correct the source. The message names both places where it can.',
    notChanged: 'Everything: no snapshot was made, and those before it are as they were.',
  },
  VARIABLE_UNDEFINED: {
    cause: 'The file names environment variables, as in ${NAME}, that are not set where Drawbridge runs.',
    remedy:
      'Set them, or give a text to be used instead: ${NAME:-text}. All that are missing are named at once.',
    notChanged: 'Everything: the file is only used once all of its variables are known.',
  },
  CATALOG_MISSING: {
    cause: 'There is no catalog in this folder: it was never made, was moved, or its disk is not there.',
    remedy: 'Choose the folder that it is in, or make a new one. If its disk is missing, connect it first.',
    notChanged: 'Everything: no folder and no catalog was made.',
  },
  CATALOG_LOCKED: {
    cause:
      'Another process is using the catalog or the target realm in a way that allows only one: a job that writes to this realm, a move or a repair of the catalog, or a run of the same schedule.',
    remedy:
      'Wait until it has ended. Where the message names a job, it can be canceled; where another process has the catalog open, end every other Drawbridge that uses it, also “drawbridge serve”. One that was killed lets go within half a minute. Then try again.',
    notChanged:
      'What the other process works with. Where a job lost its hold on a realm in its midst, the message says that nothing was written after that.',
  },
  CATALOG_NEWER: {
    cause:
      'The catalog was last opened by a newer Drawbridge, which stores things that this one does not know.',
    remedy: 'Use that Drawbridge, or a newer one. Nothing is damaged, and nothing was changed.',
    notChanged: 'The catalog, wholly.',
  },
  CATALOG_DAMAGED: {
    cause:
      'What is stored is not what was written: a disk fault, a copy that broke off, or a change by something other than Drawbridge. Every byte is sealed, so that this is found and never taken for data.',
    remedy:
      'Verify everything to learn what is affected; whatever is not named is whole. Then repair the catalog: a new one is made of what is whole, and the old one is left as it is. A copy of the catalog may still have the rest.',
    notChanged:
      'The damaged catalog is left as it is, and so are the environments: nothing that cannot be proved is ever written to a realm.',
  },
  WRONG_KEY: {
    cause:
      'The passphrase, recovery key or keychain is not this catalog’s, or not the archive’s. A key that is wrong opens nothing; it cannot do harm.',
    remedy:
      'Try again, watching upper and lower case and the keyboard’s language. The recovery key opens the catalog in the passphrase’s place; without any key that fits nobody can open it.',
    notChanged: 'Everything: the catalog still opens with the keys that it had.',
  },
  PASSPHRASE_NEEDED: {
    cause:
      'No passphrase was given for a catalog that is locked or is to be made, or for an archive that is encrypted; or what opens a catalog was to be changed without its present passphrase; or the catalog would be left without one where it needs one.',
    remedy:
      'Type it where it is asked for: in the window that opens the catalog, beside the file of the archive, or where the passphrase is changed. For a catalog, the command line also takes it from DRAWBRIDGE_PASSPHRASE, or from the file that DRAWBRIDGE_PASSPHRASE_FILE names; each command’s --help says what it takes.',
    notChanged: 'Everything: no catalog was made, and one that is there opens with the keys that it had.',
  },
  KEYCHAIN_FAILED: {
    cause: 'The operating system’s keychain did not help: there is none here, it is locked, or it refused.',
    remedy: 'Unlock the keychain and try again, or use the passphrase or the recovery key.',
    notChanged: 'The catalog opens with the keys that it had before.',
  },
  DISK_FULL: {
    cause: 'There is no room left on the disk. What was being written was taken back.',
    remedy:
      'Free some space, or move the catalog to another disk. Then start again, or resume the job: what is stored already is not stored twice.',
    notChanged: 'What was in the catalog before. A file that could not be finished was removed.',
  },
  FILE_FAILED: {
    cause:
      'A file or folder could not be read or written: it is not there, belongs to somebody else, or is in use.',
    remedy: 'The message names it and the reason. Make it accessible to you, or choose another place.',
    notChanged:
      'What was stored before. A file that could not be finished does not stand in the place of a finished one.',
  },
  RETENTION_REFUSED: {
    cause:
      'The policy would leave a realm without any backup, without a whole one, or without one that has what others lack, such as password hashes; or it keeps by a tag that no snapshot has. That is refused as a whole, whatever else it would do.',
    remedy: 'Add a rule that keeps the newest, such as “Last: 1”, or correct the tag.',
    notChanged: 'Every snapshot: none was moved to the trash.',
  },
  PLAN_BLOCKED: {
    cause:
      'The plan has conflicts that must be settled first: an e-mail address or a client that another realm has, names that differ by case only, a reference to something that is not there.',
    remedy: 'Go through the conflicts of the plan: leave each record out, or decide what becomes of it.',
    notChanged: 'The target: a blocked plan writes nothing.',
  },
  CONFIRMATION_NEEDED: {
    cause:
      'What is to be done destroys something (a realm is overwritten, records are deleted, the trash is emptied early), and was not confirmed.',
    remedy: 'Look at the preview. If that is what you want, type what it asks for.',
    notChanged: 'Everything: nothing was deleted, nothing was written.',
  },
  TARGET_CHANGED: {
    cause:
      'The target is not what the preview was made from: somebody changed it meanwhile. What you agreed to would no longer be what happens, so nothing was written.',
    remedy: 'Make a new plan and look at its preview.',
    notChanged:
      'The target, in the documented dialect and over PostgreSQL: it is looked at again before anything is written, over PostgreSQL once more within the transaction. Over the API of release v1.1.0 a single record that has changed is left as it is, and is a failure of that record. What a job that is resumed had written before stays.',
  },
  HALF_WRITTEN: {
    cause:
      'A realm lies in several databases, and some of them were written to, others not: a commit failed midway, or its end is not known. Until that is settled nothing else is applied to this realm.',
    remedy: 'Roll the job back: the realm becomes what it was before. Its safety snapshot is kept for that.',
    notChanged:
      'The databases that the message names as not written to. The safety snapshot from before is whole.',
  },
  PLAN_OUTDATED: {
    cause:
      'The plan cannot be carried out any more: it was applied already, it was made by another version of Drawbridge, or what can be written to the target, or how much of it at a time, is set otherwise by now.',
    remedy:
      'Make a new plan from the same source and look at its preview: it shows what is left to do. A job that was broken off and cannot be gone on with for this reason can be undone as any other.',
    notChanged: 'The target: the plan wrote nothing, or nothing more than the job’s report says.',
  },
  VERIFICATION_FAILED: {
    cause:
      'Everything was written, and the target, read again, is not what was promised, or could not be read again. A server may have changed values by rules of its own.',
    remedy:
      'Look at the deviations in the report. A new plan shows what is left to do; the job can be resumed to verify again, or be undone.',
    notChanged:
      'Nothing was undone: the target is as the import left it. The safety snapshot from before is whole.',
  },
  ITEM_FAILURES: {
    cause:
      'Some records could not be written, or had to be left out of a merge since the channel to the environment cannot write them, or some sections or realms could not be backed up; all others were. Each has its reason.',
    remedy:
      'Look at the reasons in the job’s report: most likely they have one cause. Put that right; then “Try again” on the page of the job, or “drawbridge job retry” in a terminal, does only what failed. What a merge had to leave out can be brought there over PostgreSQL, or changed on the server.',
    notChanged:
      'The records that failed or were left out are as they were on the target. What could be read or written is kept.',
  },
  CANCELED: {
    cause: 'Somebody asked for it to stop, or Drawbridge was closed. It stopped at its next safe point.',
    remedy: 'Resume the job: it goes on where it stopped. Its report says what was done until then.',
    notChanged: 'What had not been begun. What was done stands in the report, and what is committed stays.',
  },
  SANDBOX_FAILED: {
    cause:
      'The sandbox, two OpenGate stand-ins on this computer, could not be started: its PostgreSQL did not come up, is not there for this computer, or has no room. The message has the last lines of what it said. Catalogs and environments are not affected.',
    remedy:
      'Make room on the disk of temporary files and start it again. PostgreSQL does not run as root: then start Drawbridge as another user. Where Drawbridge is run from its source, install its packages anew, with the optional ones. Everything but the sandbox works without it.',
    notChanged: 'Catalogs and environments. Nothing of the sandbox was left running.',
  },
  INTERNAL: {
    cause: 'Drawbridge met a state that it should never be in. This is a defect of Drawbridge.',
    remedy:
      'Please report it with the message and what you did. A job that it ended is marked, and can be resumed or undone as any other.',
    notChanged:
      'That cannot be said in general. The catalog stores in transactions, so what was in it is whole; of a job, the report says what was written.',
  },
};
