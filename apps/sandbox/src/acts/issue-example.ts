import { arc3088, Refused, type JsonObject } from '../machine/arc3088.ts'
import { isAssigned, readItems, readNode } from '../machine/http.ts'
import { SECRET_MODE, writeWhole } from '../machine/write-file.ts'
import type { NodePlan } from '../nodes.ts'
import { SandboxError } from '../sandbox-error.ts'
import type { SecretsFile } from '../secrets.ts'
import type { StateFolder } from '../state-folder.ts'
import type { Tell } from '../tell.ts'
import { DESCRIPTION, EXAMPLE, INSTITUTE_B } from './example.ts'

/** Who and what the example needs. */
export interface Example {
  readonly provider: NodePlan
  readonly secrets: SecretsFile
  readonly folder: StateFolder
  readonly tell: Tell
}

/** Brings the example of annex C to its code: requester, ontology, instance. Goes on from wherever it stands. */
export async function issueExample(example: Example): Promise<void> {
  await ensureRequester(example)
  await ensureOntology(example)
  await ensureInstance(example)
}

async function ensureRequester({ provider, secrets, tell }: Example): Promise<void> {
  const [reviewer] = secrets.node(provider.name).operators
  const known = tokenOf({ provider, secrets })
  const token = known ?? (await apply(provider))
  if (known === undefined) {
    const { requesters } = secrets.node(provider.name)
    secrets.change(provider.name, { requesters: { ...requesters, [INSTITUTE_B.key]: token } })
    tell('Institute B applied as a requester')
  }
  const { status, body: me } = await readNode(`${provider.url}/v1/requesters/me`, token)
  if (status !== 200)
    throw new SandboxError(`${provider.url} does not know the token of Institute B (${status})`)
  if (me['state'] !== 'applied') return
  const id = String(me['id'])
  await arc3088('desk requesters verify', {
    of: id,
    options: {
      url: provider.url,
      code: EXAMPLE.requester,
      reason: '证照核验无误 the certificate was checked',
      'idempotency-key': id,
    },
    token: reviewer,
  })
  tell(`Institute B was verified: it is requester ${EXAMPLE.requester}`)
}

function tokenOf({ provider, secrets }: Pick<Example, 'provider' | 'secrets'>): string | undefined {
  return secrets.node(provider.name).requesters[INSTITUTE_B.key]
}

async function apply({ url }: NodePlan): Promise<string> {
  const { name, nameEn, country, contact, identifier } = INSTITUTE_B
  const { token } = await arc3088('requester apply', {
    options: { url, name, 'name-en': nameEn, country, contact, identifier },
  })
  if (typeof token !== 'string') throw new SandboxError(`${url} answered an application without a token`)
  return token
}

async function ensureOntology(example: Example): Promise<void> {
  const { provider, secrets, tell } = example
  const token = tokenOf(example)
  const ontologies = await readItems(`${provider.url}/v1/ontologies`, 'before', token)
  if (ontologies.some(({ code }) => code === EXAMPLE.ontologyCode)) return
  const open = ontologies.find(({ review }) => review !== 'approved' && review !== 'rejected')
  const { id, review } = await submit(example, open)
  const [reviewer] = secrets.node(provider.name).operators
  if (review === 'submitted') {
    await arc3088('desk ontologies take', { of: String(id), options: { url: provider.url }, token: reviewer })
    tell('a reviewer took up its ontology')
  }
  await arc3088('desk ontologies approve', {
    of: String(id),
    options: {
      url: provider.url,
      serial: EXAMPLE.ontology,
      reason: '描述与核验一致 the description was borne out',
      'idempotency-key': String(id),
    },
    token: reviewer,
  })
  tell(`its ontology was approved: ${EXAMPLE.ontologyCode}`)
}

/** Hands in what an earlier start left as a draft, or a new description. */
async function submit(
  { provider, secrets, folder, tell }: Example,
  open: JsonObject | undefined,
): Promise<JsonObject> {
  const review = open?.['review']
  if (open !== undefined && review !== 'draft' && review !== 'returned') return open
  const file = folder.example
  writeWhole(file, `${JSON.stringify(DESCRIPTION, null, 2)}\n`, SECRET_MODE)
  const submitted = await arc3088('ontology submit', {
    options: {
      url: provider.url,
      ...(open === undefined ? { description: file } : { id: String(open['id']) }),
    },
    token: tokenOf({ provider, secrets }),
  })
  tell('Institute B submitted an ontology')
  return submitted
}

async function ensureInstance(example: Example): Promise<void> {
  const { provider, tell } = example
  if (await isAssigned(provider.url, EXAMPLE.code)) return
  try {
    await arc3088('instance register', {
      of: EXAMPLE.ontologyCode,
      options: {
        url: provider.url,
        serial: EXAMPLE.instance,
        'idempotency-key': `sandbox-${EXAMPLE.code}`,
      },
      token: tokenOf(example),
    })
  } catch (error) {
    if (error instanceof Refused && error.code === 'code-taken') {
      throw new SandboxError(
        `${EXAMPLE.code} is taken, and yet not served; begin again with npm start -- --fresh`,
      )
    }
    throw error
  }
  tell(`its instance was registered: ${EXAMPLE.code}`)
}
