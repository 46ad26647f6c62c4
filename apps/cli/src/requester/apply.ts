import { defineCommand, noArguments, required } from '../command.ts'
import { UsageError } from '../failure.ts'
import { NODE_OPTIONS, publicProviderAt } from '../node/access.ts'
import { answerOf } from '../node/answer-of.ts'
import { writeObject } from '../node/node-answer.ts'
import { KEY_OPTION, keyHeader, oneOf } from '../node/options.ts'

const KINDS = ['organization', 'natural-person'] as const

/** `requester apply`: asks a provider to become a requester. The token it answers is shown this once: a second
 * application under the same `--idempotency-key` is refused as received. */
export const apply = defineCommand(
  {
    url: NODE_OPTIONS.url,
    ...KEY_OPTION,
    kind: { type: 'string', default: 'organization' },
    name: { type: 'string' },
    'name-en': { type: 'string' },
    country: { type: 'string' },
    contact: { type: 'string' },
    identifier: { type: 'string', multiple: true },
  },
  async ({ positionals, values }, terminal) => {
    noArguments(positionals)
    const common = {
      name: required(values.name, 'name'),
      country: required(values.country, 'country'),
      contact: required(values.contact, 'contact'),
      local_identifiers: (values.identifier ?? []).map(readIdentifier),
      evidence: [],
    }
    const nameEn = values['name-en']
    const kind = oneOf(values.kind, KINDS, 'kind')
    if (kind === 'natural-person' && nameEn !== undefined) {
      throw new UsageError('--name-en: a natural person has one name here, and nobody else sees it')
    }
    const body =
      kind === 'natural-person'
        ? { kind, ...common }
        : { kind: 'organization' as const, ...common, ...(nameEn === undefined ? {} : { name_en: nameEn }) }
    const asking = publicProviderAt(values, terminal).POST('/v1/requesters', {
      params: { header: keyHeader(values) },
      body,
    })
    return await writeObject(await answerOf(asking), values.json, terminal)
  },
)

/** As `uscc=91110000…`: how the requester is known in its own country (annex B a). */
function readIdentifier(text: string): { scheme: string; value: string } {
  const [scheme = '', ...rest] = text.split('=')
  if (scheme === '' || rest.length === 0) throw new UsageError('--identifier: SCHEME=VALUE')
  return { scheme, value: rest.join('=') }
}
