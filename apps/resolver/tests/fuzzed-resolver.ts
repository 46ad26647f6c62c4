import { readContract, type FuzzTarget } from '@arc3088/testkit'

import { openApiDocument } from '../src/http/openapi-document.ts'
import { startTestResolver } from './running-resolver.ts'
import { F_INSTANCE, F_ONTOLOGY, F_PROVIDER, startTwoRoots } from './two-roots.ts'

/** A resolver at work, with what is known of it. */
export interface FuzzedResolver extends FuzzTarget, AsyncDisposable {}

const CODES: readonly string[] = [
  F_INSTANCE.text,
  F_ONTOLOGY.text,
  F_PROVIDER.text,
  '1.2.156.3088.1.1.34C2.478BDF.3GF546',
  '1.2.156.3088.1.01',
  '1.2.840.1.1',
]

/** Brings up a resolver over two roots of which one recognises the other, and an agent. */
export async function startFuzzedResolver(): Promise<FuzzedResolver> {
  const resources = new AsyncDisposableStack()
  const roots = resources.use(await startTwoRoots())
  const resolver = resources.use(await startTestResolver(roots.anchor))
  return {
    url: resolver.url,
    contract: readContract(openApiDocument()),
    callers: {},
    permissions: {},
    values: {
      code: CODES,
      at: ['2026-11-22T09:00:00Z', String(Math.floor(Date.now() / 1000)), '0'],
    },
    bodies: {
      'POST /v1/resolve': [
        CODES,
        [CODES[0]],
        `${CODES.join('\n')}\n`,
        `${JSON.stringify({ code: CODES[0] })}\n`,
      ],
    },
    [Symbol.asyncDispose]: () => resources.disposeAsync(),
  }
}
