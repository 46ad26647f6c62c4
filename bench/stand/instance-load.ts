import { writeFile } from 'node:fs/promises'
import { join } from 'node:path'

import type { LoadPlan } from '../load/load-plan.ts'
import type { Stand } from './stand.ts'

/** As many connections as the speed goals name. */
export const CONNECTIONS = 64

/** What every plan for one node has. */
export function planFor(node: { readonly port: number }): Pick<LoadPlan, 'host' | 'port' | 'connections'> {
  return { host: '127.0.0.1', port: node.port, connections: CONNECTIONS }
}

/** Single registrations by the requesters of the stand in turn, each under an Idempotency-Key of its own. */
export async function instanceLoad({
  provider,
  requesters,
  folder,
}: Pick<Stand, 'provider' | 'requesters' | 'folder'>): Promise<Omit<LoadPlan, 'milliseconds'>> {
  const file = join(folder, 'requesters.txt')
  await writeFile(file, requesters.map(({ ontology, token }) => `${ontology}\t${token}\n`).join(''))
  const pieces = [
    'POST /v1/ontologies/',
    `/instances HTTP/1.1\r\nhost: 127.0.0.1:${provider.port}\r\nauthorization: Bearer `,
    '\r\ncontent-type: application/json\r\ncontent-length: 2\r\nidempotency-key: ',
    '\r\n\r\n{}',
  ]
  return {
    ...planFor(provider),
    request: { pieces, file, repeat: true, uniqueKey: true },
    status: 201,
    keep: '"code":"',
  }
}

/** Resolutions at a node: of one code a line of `file`. */
export function codeLoad(
  node: { readonly port: number },
  parts: { readonly file: string; readonly repeat: boolean; readonly path: string; readonly accept: string },
): Omit<LoadPlan, 'milliseconds'> {
  const { file, repeat, path, accept } = parts
  const pieces = [`GET ${path}`, ` HTTP/1.1\r\nhost: 127.0.0.1:${node.port}\r\naccept: ${accept}\r\n\r\n`]
  return { ...planFor(node), request: { pieces, file, repeat }, status: 200 }
}
