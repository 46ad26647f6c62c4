import { LIFE_COMMANDS } from './code/life-commands.ts'
import type { CommandRow } from './command-row.ts'
import { APPLICATION_COMMANDS } from './desk/application-commands.ts'
import { PEOPLE_COMMANDS } from './desk/people-commands.ts'
import { ONTOLOGY_COMMANDS } from './ontology/commands.ts'
import { PROVIDER_COMMANDS } from './provider/commands.ts'
import { ROOT_COMMANDS } from './root/commands.ts'

export type { CommandRow } from './command-row.ts'

/** Every command. The usage text is made from this table, and from nothing else. */
export const COMMANDS: readonly CommandRow[] = [
  {
    name: 'code parse',
    args: '[CODE…] [--prefix OID]… [--custom-serial opaque]',
    summary: 'what a text says as an identity code, or the first rule that it breaks',
    load: async () => (await import('./code/parse.ts')).parse,
  },
  {
    name: 'code diagnose',
    args: '[TEXT…] [--prefix OID]… [--salt-hex HEX]',
    summary: 'which spelling a text is in, what is wrong with it, and which code was likely meant',
    load: async () => (await import('./code/diagnose.ts')).diagnose,
  },
  {
    name: 'code format',
    args: '[CODE…] [--prefix OID]… | --provider P --requester R --ontology O [--instance I] [--prefix OID]',
    summary: 'the canonical spelling of a code, or the code of these segments',
    load: async () => (await import('./code/format.ts')).format,
  },
  {
    name: 'code alias',
    args: '[CODE|ALIAS…] [--prefix OID]… [--dns APEX]',
    summary: 'the numeric alias of a code or the code of an alias; its DNS name below an apex',
    load: async () => (await import('./code/alias.ts')).alias,
  },
  {
    name: 'code check-mark',
    args: '[CODE…] [--prefix OID]… [--verify MARK]',
    summary: 'the display check mark of a code (ISO 7064 MOD 37,36), or whether a mark is right',
    load: async () => (await import('./code/check-mark.ts')).checkMark,
  },
  ...LIFE_COMMANDS,
  {
    name: 'resolve',
    args: 'CODE [--resolver URL | --anchor FILE [--root URL] [--min-seq N]] [--max-list-age SECONDS] [--at TIME] [--bundle FILE]',
    summary: 'the verdict on a code, by walking the nodes from a pinned key set; --bundle keeps the evidence',
    load: async () => (await import('./evidence/resolve.ts')).resolve,
  },
  {
    name: 'verify',
    args: 'FILE --anchor KEYSET [--code CODE] [--at TIME] [--as-of TIME] [--min-seq N] [--max-list-age SECONDS]',
    summary: 'judge an evidence bundle by a pinned key set, without any network',
    load: async () => (await import('./evidence/verify.ts')).verify,
  },
  {
    name: 'log fsck',
    args: 'URL [--vkey VKEY | --anchor FILE [--root URL]] [--state FILE]',
    summary:
      'read a whole log and hold it to all it says; --state remembers it, and names a fork or a rollback',
    load: async () => (await import('./log/fsck.ts')).fsck,
  },
  {
    name: 'log proof',
    args: 'URL CODE [--vkey VKEY | --anchor FILE [--root URL]]',
    summary: 'the proof that a code stands in the log of the node at URL, verified',
    load: async () => (await import('./log/proof.ts')).proof,
  },
  {
    name: 'keys generate',
    args: '--dir DIR [--purposes federation,issuing,status,tlog,root,officer] [--alg ES256|Ed25519] [--passphrase-file FILE]',
    summary: 'make private keys, a file each, never over one that is there',
    load: async () => (await import('./keys/generate.ts')).generate,
  },
  {
    name: 'keys public',
    args: 'FILE [--out FILE]',
    summary: 'the public half of a key file',
    load: async () => (await import('./keys/public.ts')).showPublic,
  },
  {
    name: 'keys anchor',
    args: '--dir DIR [--federation-dir DIR] --entity-id URL --out FILE [--pin FILE] [--days N]',
    summary: "sign a root's first key set: what the root serves, and what a verifier pins",
    load: async () => (await import('./keys/anchor.ts')).anchor,
  },
  ...ROOT_COMMANDS,
  ...PROVIDER_COMMANDS,
  {
    name: 'requester apply',
    args: '--url PROVIDER --name NAME [--name-en NAME] --country CC --contact TEXT [--kind organization|natural-person] [--identifier SCHEME=VALUE]… [--idempotency-key KEY]',
    summary: 'ask a provider to become a requester; the token is shown this once',
    load: async () => (await import('./requester/apply.ts')).apply,
  },
  {
    name: 'requester show',
    args: '--url PROVIDER',
    summary: 'what the provider knows of the holder of the token',
    load: async () => (await import('./requester/show.ts')).show,
  },
  ...ONTOLOGY_COMMANDS,
  {
    name: 'instance register',
    args: 'ONTOLOGY --url PROVIDER [--serial I] [--business-type TYPE] [--idempotency-key KEY]',
    summary: 'register an instance of an approved ontology',
    load: async () => (await import('./instance/register.ts')).register,
  },
  {
    name: 'instance bulk',
    args: '--ontology ONTOLOGY --url PROVIDER < FILE',
    summary:
      'register an instance for each line {"key":…,"serial"?:…,"business_type"?:…} of the input; the same input goes on',
    load: async () => (await import('./instance/bulk.ts')).bulk,
  },
  ...PEOPLE_COMMANDS,
  ...APPLICATION_COMMANDS,
  {
    name: 'desk proposals list',
    args: '--url ROOT [--state STATE] [--before ID] [--limit N]',
    summary: 'what was proposed, newest first',
    load: async () => (await import('./desk/proposals.ts')).list,
  },
  {
    name: 'desk proposals show',
    args: 'ID --url ROOT',
    summary: 'exactly what will happen, and what officers sign of it',
    load: async () => (await import('./desk/proposals.ts')).show,
  },
  {
    name: 'desk propose',
    args: 'KIND --url ROOT --ask JSON --reason TEXT [--officer-key FILE]',
    summary: 'put an act before the officers, such as provider:suspend',
    load: async () => (await import('./desk/proposals.ts')).propose,
  },
  {
    name: 'desk proposals sign',
    args: 'ID --url ROOT --officer-key FILE',
    summary: 'sign a proposal of your own, which opens it to the others',
    load: async () => (await import('./desk/proposals.ts')).sign,
  },
  {
    name: 'desk proposals approve',
    args: 'ID --url ROOT --hash HASH --reason TEXT --officer-key FILE [--idempotency-key KEY]',
    summary: 'approve what another officer proposed; the last approval needed carries it out',
    load: async () => (await import('./desk/proposals.ts')).approve,
  },
  {
    name: 'desk proposals reject',
    args: 'ID --url ROOT --hash HASH --reason TEXT',
    summary: 'reject a proposal',
    load: async () => (await import('./desk/proposals.ts')).reject,
  },
  {
    name: 'desk proposals withdraw',
    args: 'ID --url ROOT --hash HASH --reason TEXT',
    summary: 'take a proposal of your own back',
    load: async () => (await import('./desk/proposals.ts')).withdraw,
  },
  {
    name: 'agreement list',
    args: '--url ROOT [--before ID] [--limit N]',
    summary: 'agreements with other roots, newest first',
    load: async () => (await import('./agreement/agreement.ts')).list,
  },
  {
    name: 'agreement show',
    args: 'JTI --url ROOT',
    summary: 'an agreement: parties, links, events, deliveries',
    load: async () => (await import('./agreement/agreement.ts')).show,
  },
  {
    name: 'agreement propose',
    args: '--url ROOT --terms JSON|@FILE --reason TEXT [--officer-key FILE]',
    summary: 'propose terms to other roots; decided like every act',
    load: async () => (await import('./agreement/agreement.ts')).propose,
  },
  {
    name: 'agreement countersign',
    args: 'JTI --url ROOT --hash HASH --reason TEXT [--officer-key FILE]',
    summary: 'propose to sign what another root has proposed',
    load: async () => (await import('./agreement/agreement.ts')).countersign,
  },
  {
    name: 'agreement decline',
    args: 'JTI --url ROOT --reason TEXT [--officer-key FILE]',
    summary: 'propose to decline it',
    load: async () => (await import('./agreement/agreement.ts')).decline,
  },
  {
    name: 'agreement suspend',
    args: 'JTI --url ROOT --reason TEXT [--towards URL] [--officer-key FILE]',
    summary: 'propose to suspend recognition',
    load: async () => (await import('./agreement/agreement.ts')).suspend,
  },
  {
    name: 'agreement resume',
    args: 'JTI --url ROOT --reason TEXT [--towards URL] [--officer-key FILE]',
    summary: 'propose to take the suspension back',
    load: async () => (await import('./agreement/agreement.ts')).resume,
  },
  {
    name: 'agreement terminate',
    args: 'JTI --url ROOT --reason TEXT [--officer-key FILE]',
    summary: 'propose to leave for good',
    load: async () => (await import('./agreement/agreement.ts')).terminate,
  },
  {
    name: 'desk requesters list',
    args: '--url PROVIDER [--state STATE] [--before ID] [--limit N]',
    summary: 'requesters and applicants of a provider, newest first',
    load: async () => (await import('./desk/requesters.ts')).list,
  },
  {
    name: 'desk requesters verify',
    args: 'ID --url PROVIDER --reason TEXT [--code R] [--idempotency-key KEY]',
    summary: 'note that an applicant was verified, and assign its requester code',
    load: async () => (await import('./desk/requesters.ts')).verify,
  },
  {
    name: 'desk ontologies list',
    args: '--url PROVIDER [--state STATE] [--before ID] [--limit N]',
    summary: 'what requesters handed in, newest first',
    load: async () => (await import('./desk/ontologies.ts')).list,
  },
  {
    name: 'desk ontologies take',
    args: 'ID --url PROVIDER',
    summary: 'take a submitted ontology up for review',
    load: async () => (await import('./desk/ontologies.ts')).take,
  },
  {
    name: 'desk ontologies approve',
    args: 'ID --url PROVIDER --reason TEXT [--serial O] [--idempotency-key KEY]',
    summary: 'approve an ontology, and assign its code',
    load: async () => (await import('./desk/ontologies.ts')).approve,
  },
  {
    name: 'desk ontologies return',
    args: 'ID --url PROVIDER --reason TEXT',
    summary: 'return an ontology to its requester',
    load: async () => (await import('./desk/ontologies.ts')).giveBack,
  },
  {
    name: 'desk ontologies reject',
    args: 'ID --url PROVIDER --reason TEXT',
    summary: 'reject an ontology for good',
    load: async () => (await import('./desk/ontologies.ts')).reject,
  },
]

/** The usage line of one command. */
export function usageOf({ name, args }: CommandRow): string {
  return `usage: arc3088 ${name} ${args} [--json]`
}

/** What `arc3088 help` says. */
export const USAGE = [
  'arc3088: identity codes of AI agents, GB/Z 185.2 (智能体身份码)',
  '',
  ...COMMANDS.flatMap(({ name, args, summary }) => [`  arc3088 ${name} ${args}`, `      ${summary}`]),
  '',
  '--json answers one JSON object a line. Where a command takes many inputs and none is named, it reads one a line.',
  'Tokens are read from ARC3088_TOKEN (or --token), the address of a node from --url (or ARC3088_URL).',
  'Exit codes: 0 ok · 1 refused or not valid · 2 could not tell, or a wrong command line.',
  '',
].join('\n')

/** The command that a command line begins with. */
export function findCommand(argv: readonly string[]): CommandRow | undefined {
  return COMMANDS.find(({ name }) => name.split(' ').every((word, i) => argv[i] === word))
}
