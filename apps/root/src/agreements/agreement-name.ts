import { RegistryError } from '@arc3088/problems'

const URN = 'urn:uuid:'
const UUID = /^[0-9a-f]{8}-[0-9a-f]{4}-[1-8][0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/

/** The id of an agreement from its `jti`, with or without `urn:uuid:`. @throws RegistryError `agreement-not-found`. */
export function agreementIdOf(name: string): string {
  const id = name.startsWith(URN) ? name.slice(URN.length) : name
  if (!UUID.test(id)) throw new RegistryError('agreement-not-found', `There is no agreement ${name}`)
  return id
}

/** The `jti` of an agreement (W9). */
export function agreementName(id: string): string {
  return `${URN}${id}`
}

/** Where a root serves an agreement. */
export function agreementUri(entityId: string, id: string): string {
  return `${entityId.replace(/\/$/, '')}/v1/agreements/${id}`
}

/** What proposals about an agreement, and locks on it, name. */
export function agreementObject(id: string): string {
  return `agreement:${id}`
}
