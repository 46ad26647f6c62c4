import { setTimeout as sleep } from 'node:timers/promises'

import { readNode } from '../machine/http.ts'
import type { NodePlan } from '../nodes.ts'
import { SandboxError } from '../sandbox-error.ts'
import { EXAMPLE } from './example.ts'

const SECONDS_MAX = 15

/** Asks the resolver about the example until it says valid. @throws SandboxError with what it says instead. */
export async function checkExample(resolver: NodePlan): Promise<void> {
  const deadline = performance.now() + SECONDS_MAX * 1000
  for (;;) {
    const { body } = await readNode(`${resolver.url}/v1/resolve/${EXAMPLE.code}`)
    if (body['verdict'] === 'valid') return
    if (performance.now() > deadline) {
      throw new SandboxError(`the resolver says of ${EXAMPLE.code}: ${JSON.stringify(body)}`)
    }
    await sleep(200)
  }
}
