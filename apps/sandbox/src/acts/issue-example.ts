import { arc3088, Refused, type JsonObject } from '../machine/arc3088.ts'
import { isAssigned, readItems, readNode } from '../machine/http.ts'
import { SECRET_MODE, writeWhole } from '../machine/write-file.ts'
import type { NodePlan } from '../nodes.ts'
import { SandboxError } from '../sandbox-error.ts'
import type { SecretsFile } from '../secrets.ts'
import type { StateFolder } from '../state-folder.ts'
import type { Tell } from '../tell.ts'
import type { ExampleAgent } from './example.ts'

/** Who and what an example needs. */
export interface Example {
  readonly agent: ExampleAgent
  readonly provider: NodePlan
  readonly secrets: SecretsFile
  readonly folder: StateFolder
  readonly tell: Tell
}

/** Brings an example to its code: requester, ontology, instance. Goes on from wherever it stands. */
export async function issueExample(example: Example): Promise<void> {
  await ensureRequester(example)
  await ensureOntology(example)
  await ensureInstance(example)
}

async function ensureRequester(example: Example): Promise<void> {
  const { agent, provider, secrets, tell } = example
  const [reviewer] = secrets.node(provider.name).operators
  const known = tokenOf(example)
  const token = known ?? (await apply(example))
  if (known === undefined) {
    const { requesters } = secrets.node(provider.name)
    secrets.change(provider.name, { requesters: { ...requesters, [agent.applicant.key]: token } })
    tell(`${agent.applicant.nameEn} applied as a requester`)
  }
  const { status, body: me } = await readNode(`${provider.url}/v1/requesters/me`, token)
  if (status !== 200)
    throw new SandboxError(`${provider.url} does not know the token of ${agent.applicant.nameEn} (${status})`)
  if (me['state'] !== 'applied') return
  const id = String(me['id'])
  await arc3088('desk requesters verify', {
    of: id,
    options: {
      url: provider.url,
      code: agent.requester,
      reason: '证照核验无误 the certificate was checked',
      'idempotency-key': id,
    },
    token: reviewer,
  })
  tell(`${agent.applicant.nameEn} was verified: it is requester ${agent.requester}`)
}

function tokenOf({ agent, provider, secrets }: Example): string | undefined {
  return secrets.node(provider.name).requesters[agent.applicant.key]
}

async function apply({ agent, provider: { url } }: Example): Promise<string> {
  const { name, nameEn, country, contact, identifier } = agent.applicant
  const { token } = await arc3088('requester apply', {
    options: { url, name, 'name-en': nameEn, country, contact, identifier },
  })
  if (typeof token !== 'string') throw new SandboxError(`${url} answered an application without a token`)
  return token
}

async function ensureOntology(example: Example): Promise<void> {
  const { agent, provider, secrets, tell } = example
  const token = tokenOf(example)
  const ontologies = await readItems(`${provider.url}/v1/ontologies`, 'before', token)
  if (ontologies.some(({ code }) => code === agent.ontologyCode)) return
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
      serial: agent.ontology,
      reason: '描述与核验一致 the description was borne out',
      'idempotency-key': String(id),
    },
    token: reviewer,
  })
  tell(`its ontology was approved: ${agent.ontologyCode}`)
}

/** Hands in what an earlier start left as a draft, or a new description. */
async function submit(example: Example, open: JsonObject | undefined): Promise<JsonObject> {
  const { agent, provider, folder, tell } = example
  const review = open?.['review']
  if (open !== undefined && review !== 'draft' && review !== 'returned') return open
  const file = folder.example(provider.name)
  writeWhole(file, `${JSON.stringify(agent.description, null, 2)}\n`, SECRET_MODE)
  const submitted = await arc3088('ontology submit', {
    options: {
      url: provider.url,
      ...(open === undefined ? { description: file } : { id: String(open['id']) }),
    },
    token: tokenOf(example),
  })
  tell(`${agent.applicant.nameEn} submitted an ontology`)
  return submitted
}

async function ensureInstance(example: Example): Promise<void> {
  const { agent, provider, tell } = example
  if (await isAssigned(provider.url, agent.code)) return
  try {
    await arc3088('instance register', {
      of: agent.ontologyCode,
      options: {
        url: provider.url,
        serial: agent.instance,
        'idempotency-key': `sandbox-${agent.code}`,
      },
      token: tokenOf(example),
    })
  } catch (error) {
    if (error instanceof Refused && error.code === 'code-taken') {
      throw new SandboxError(
        `${agent.code} is taken, and yet not served; begin again with npm start -- --fresh`,
      )
    }
    throw error
  }
  tell(`its instance was registered: ${agent.code}`)
}
