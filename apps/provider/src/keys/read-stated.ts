import type { StatedKeys, StatedQuestion } from '@arc3088/issuer'
import { RegistryError } from '@arc3088/problems'
import { readSubordinateStatement } from '@arc3088/records'
import { ConfigError, readConfiguredFile, readEnvironment } from '@arc3088/service'
import { pinAnchor, servingEntity, type PinnedAnchor } from '@arc3088/trust'

import { verifyWord } from '../appointment/appointment.ts'
import { fetchWord } from '../appointment/fetch-word.ts'
import { readFounder } from '../appointment/stored-log.ts'
import { ProviderEnvironment } from '../config.ts'
import { describeProvider } from '../federation/self-description.ts'

const StatedEnvironment = ProviderEnvironment.pick({
  ENTITY_ID: true,
  DATABASE_URL: true,
  ROOT_URL: true,
  TRUST_ANCHOR_FILE: true,
  ORGANIZATION_NAME: true,
})

/**
 * The federation keys that the root names for this node now: its statement is fetched, and believed as any stranger would,
 * from the pinned key set down to the description of this node by the keys that it is about to use.
 *
 * @throws RegistryError `key-not-endorsed` where the root's word does not hold so, or names another entity.
 */
export async function readStated({ environment, ambient, door, keys }: StatedQuestion): Promise<StatedKeys> {
  const env = readEnvironment(StatedEnvironment, environment)
  const { ENTITY_ID: entityId, ROOT_URL: rootUrl } = env
  const assignee = (await readFounder(env.DATABASE_URL)) ?? entityId
  const selfDescription = describeProvider(() => ({
    ambient,
    keys,
    entityId,
    foundedAs: assignee,
    rootUrl,
    organizationName: env.ORGANIZATION_NAME,
    custodianOf: [],
  }))
  const word = await fetchWord({ door, rootUrl, assignee, selfDescription })
  if (word === undefined) throw unnamed('The root says nothing of this provider')
  const trust = { anchor: readAnchor(env.TRUST_ANCHOR_FILE), entityId, assignee, at: ambient.now() }
  const statement = readSubordinateStatement(word.statement)
  const appointment = await verifyWord(word, trust)
  if ('detail' in appointment)
    throw unnamed(`The root's word does not hold with the key that was prepared: ${appointment.detail}`)
  if (appointment.servedBy !== undefined || statement.kind === 'rejected')
    throw unnamed(`The root says that ${appointment.servedBy ?? 'another'} serves, not ${entityId}`)
  return servingEntity(statement.claims).keys
}

function readAnchor(path: string): PinnedAnchor {
  const anchor = pinAnchor(readConfiguredFile('TRUST_ANCHOR_FILE', path))
  if ('kind' in anchor) throw new ConfigError([`TRUST_ANCHOR_FILE: ${anchor.reason}: ${anchor.detail}`])
  return anchor
}

function unnamed(detail: string): RegistryError {
  return new RegistryError('key-not-endorsed', detail)
}
