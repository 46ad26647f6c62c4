import { defineCommand, noArguments, required } from '../command.ts'
import { UsageError } from '../failure.ts'
import { accessOf, callNode, NODE_OPTIONS } from '../node/call-node.ts'
import { writeObject } from '../node/node-answer.ts'

const KINDS = ['organization', 'natural-person']

/** `requester apply`: asks a provider to become a requester. The token it answers is shown this once. */
export const apply = defineCommand(
  {
    url: NODE_OPTIONS.url,
    kind: { type: 'string', default: 'organization' },
    name: { type: 'string' },
    'name-en': { type: 'string' },
    country: { type: 'string' },
    contact: { type: 'string' },
    identifier: { type: 'string', multiple: true },
  },
  async ({ positionals, values }, terminal) => {
    noArguments(positionals)
    if (!KINDS.includes(values.kind)) throw new UsageError(`--kind: one of ${KINDS.join(', ')}`)
    const nameEn = values['name-en']
    const identifiers = (values.identifier ?? []).map(readIdentifier)
    const { url } = accessOf(values, terminal)
    const body = {
      kind: values.kind,
      name: required(values.name, 'name'),
      ...(nameEn === undefined ? {} : { name_en: nameEn }),
      country: required(values.country, 'country'),
      contact: required(values.contact, 'contact'),
      ...(identifiers.length === 0 ? {} : { local_identifiers: identifiers }),
    }
    const access = { url, token: undefined }
    const answer = await callNode(access, { method: 'POST', path: '/v1/requesters', body })
    return await writeObject(answer, values.json, terminal)
  },
)

/** As `uscc=91110000…`: how the requester is known in its own country (annex B a). */
function readIdentifier(text: string): { scheme: string; value: string } {
  const [scheme = '', ...rest] = text.split('=')
  if (scheme === '' || rest.length === 0) throw new UsageError('--identifier: SCHEME=VALUE')
  return { scheme, value: rest.join('=') }
}
