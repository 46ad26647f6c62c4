import { randomBytes } from 'node:crypto'

import { arc3088, type JsonObject } from '../machine/arc3088.ts'
import { readItems, waitUntilOk } from '../machine/http.ts'
import { ORGANIZATIONS, type ProviderPlan, type RootPlan } from '../nodes.ts'
import { SandboxError } from '../sandbox-error.ts'
import type { SecretsFile } from '../secrets.ts'
import type { StateFolder } from '../state-folder.ts'
import type { Tell } from '../tell.ts'
import { decide, officersOf } from './decide.ts'

/** Who and what an enrolment needs. */
export interface Enrolment {
  readonly root: RootPlan
  readonly provider: ProviderPlan
  readonly secrets: SecretsFile
  readonly folder: StateFolder
  readonly tell: Tell
}

/**
 * Brings a provider to its code as organisations and officers would: it applies, one officer takes the application and
 * proposes a code, another approves, and the provider hears of it from the root. Goes on from wherever it stands.
 */
export async function enrolProvider(enrolment: Enrolment): Promise<void> {
  const { root, provider } = enrolment
  const providers = await readItems(`${root.url}/v1/providers`, 'after')
  if (!providers.some((item) => item['entity_id'] === provider.url)) {
    await assignCode(enrolment, await applicationOf(enrolment))
  }
  await waitUntilOk(`${provider.url}/readyz`)
}

/** The application as the desk has it; sent now where there is none. */
async function applicationOf(enrolment: Enrolment): Promise<JsonObject> {
  const known = await findApplication(enrolment)
  if (known !== undefined) return known
  await apply(enrolment)
  const sent = await findApplication(enrolment)
  if (sent === undefined) throw new SandboxError(`the root has no application of ${enrolment.provider.url}`)
  return sent
}

async function findApplication({ root, provider, secrets }: Enrolment): Promise<JsonObject | undefined> {
  const [officer] = secrets.node(root.name).operators
  const applications = await readItems(`${root.url}/v1/desk/applications`, 'before', officer)
  return applications.find((item) => item['entity_id'] === provider.url)
}

async function apply({ root, provider, secrets, folder, tell }: Enrolment): Promise<void> {
  const { name, name_en: nameEn, country, contact, code } = ORGANIZATIONS[provider.name]
  await arc3088('provider apply', {
    options: {
      root: root.url,
      'entity-id': provider.url,
      keys: folder.keys(provider.name),
      'request-id': requestIdOf(provider.name, secrets),
      name,
      'name-en': nameEn,
      country,
      contact,
      'wished-code': code,
    },
  })
  tell(`${provider.name} applied at the root`)
}

/** Written down before it is used: the same application again is the same application. */
function requestIdOf(name: string, secrets: SecretsFile): string {
  const known = secrets.node(name).requestId
  if (known !== undefined) return known
  const requestId = newRequestId()
  secrets.change(name, { requestId })
  return requestId
}

async function assignCode(enrolment: Enrolment, application: JsonObject): Promise<void> {
  const { root, provider, secrets, folder, tell } = enrolment
  const [first, second] = officersOf(root, { secrets, folder })
  const id = String(application['id'])
  if (application['state'] === 'applied') {
    await arc3088('desk applications take', { of: id, options: { url: root.url }, token: first.token })
    tell(`an officer took the application of ${provider.name}`)
  }
  const { code } = ORGANIZATIONS[provider.name]
  const proposal =
    (await findProposal(enrolment, id)) ??
    (await arc3088('desk applications propose', {
      of: id,
      options: { url: root.url, code, reason: '材料齐全 the evidence is complete' },
      token: first.token,
    }))
  await decide(root.url, String(proposal['id']), [first, second])
  tell(`two officers decided: ${provider.name} is provider ${code}`)
}

async function findProposal(
  { root, secrets }: Enrolment,
  application: string,
): Promise<JsonObject | undefined> {
  const [officer] = secrets.node(root.name).operators
  const pending = await readItems(`${root.url}/v1/desk/proposals?state=pending`, 'before', officer)
  return pending.find(({ payload }) => {
    return (
      typeof payload === 'object' &&
      payload !== null &&
      'application_id' in payload &&
      payload.application_id === application
    )
  })
}

/** A UUIDv7 (RFC 9562 section 5.7). */
function newRequestId(): string {
  const bytes = randomBytes(16)
  bytes.writeUIntBE(Date.now(), 0, 6)
  bytes[6] = 0x70 | ((bytes[6] ?? 0) & 0x0f)
  bytes[8] = 0x80 | ((bytes[8] ?? 0) & 0x3f)
  return bytes.toString('hex').replace(/^(.{8})(.{4})(.{4})(.{4})(.{12})$/, '$1-$2-$3-$4-$5')
}
