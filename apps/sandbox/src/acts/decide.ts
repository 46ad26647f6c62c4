import { arc3088 } from '../machine/arc3088.ts'
import type { NodePlan } from '../nodes.ts'
import { SandboxError } from '../sandbox-error.ts'
import type { SecretsFile } from '../secrets.ts'
import type { StateFolder } from '../state-folder.ts'
import { officerKeyFile } from './operators.ts'

/** One who decides: a token to come in with, a key of his own to sign with. */
export interface SandboxOfficer {
  readonly token: string
  readonly keyFile: string
}

/** Two officers of a root, which is as many as decide. */
export function officersOf(
  root: NodePlan,
  { secrets, folder }: { secrets: SecretsFile; folder: StateFolder },
): readonly [SandboxOfficer, SandboxOfficer] {
  const [first, second] = secrets.node(root.name).operators.map((token, nth) => ({
    token,
    keyFile: officerKeyFile(folder.officers(root.name), nth),
  }))
  if (first === undefined || second === undefined) throw new SandboxError(`${root.name} has no officers`)
  return [first, second]
}

/** Has the first officer sign what he proposed, and the second approve it; answers what it led to. */
export async function decide(
  url: string,
  id: string,
  [first, second]: readonly [SandboxOfficer, SandboxOfficer],
): Promise<Readonly<Record<string, unknown>>> {
  const { hash } = await arc3088('desk proposals sign', {
    of: id,
    options: { url, 'officer-key': first.keyFile },
    token: first.token,
  })
  const options = {
    url,
    hash: String(hash),
    reason: '核查无误 checked',
    'officer-key': second.keyFile,
    'idempotency-key': id,
  }
  return await arc3088('desk proposals approve', { of: id, options, token: second.token })
}
