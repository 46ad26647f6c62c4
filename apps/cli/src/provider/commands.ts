import type { CommandRow } from '../command-row.ts'

const APPLICANT_ARGS = '--root URL --entity-id URL --keys DIR [--passphrase-file FILE]'
const CONTENT_ARGS =
  '[--file FILE] [--name NAME] [--name-en NAME] [--country CC] [--contact TEXT] [--identifier SCHEME=VALUE]… ' +
  '[--representative NAME [--position TEXT]] [--evidence "KIND URI sha-256:…|@FILE TITLE"]… [--purposes TEXT] ' +
  '[--scenario NAME]… [--numbering-plan TEXT] [--wished-code P]'

/** What an organisation does at a root to become a provider. */
export const PROVIDER_COMMANDS: readonly CommandRow[] = [
  {
    name: 'provider apply',
    args: `${APPLICANT_ARGS} [--request-id UUIDv7]\n      ${CONTENT_ARGS}`,
    summary: 'ask a root for a provider code, signed with the federation key',
    load: async () => (await import('./apply.ts')).apply,
  },
  {
    name: 'provider status',
    args: `--application ID (--url ROOT | ${APPLICANT_ARGS})`,
    summary: 'how far an application has come; with the key, what the desk asks for and why',
    load: async () => (await import('./status.ts')).status,
  },
  {
    name: 'provider complete',
    args: `--application ID ${APPLICANT_ARGS} [--new-keys DIR] [--revision N] [--request-id UUIDv7]\n      ${CONTENT_ARGS}`,
    summary: 'complete an application that was returned; what is not given stays, lists are added to',
    load: async () => (await import('./complete.ts')).complete,
  },
  {
    name: 'provider withdraw',
    args: `--application ID ${APPLICANT_ARGS} [--reason TEXT] [--request-id UUIDv7]`,
    summary: 'take an application back',
    load: async () => (await import('./withdraw.ts')).withdraw,
  },
]
