import { existsSync } from 'node:fs'
import { dirname, join } from 'node:path'

import { arc3088 } from '../machine/arc3088.ts'
import { demandProgram, runProgram } from '../machine/programs.ts'
import type { NodePlan } from '../nodes.ts'
import type { SecretsFile } from '../secrets.ts'
import type { StateFolder } from '../state-folder.ts'

/** Three officers, of whom two decide: whoever proposes does not approve, and one may fall ill. */
const OFFICERS = ['官员 1', '官员 2', '官员 3'] as const
const REVIEWERS = ['审核员 1', '审核员 2'] as const

/** Brings a node's database up to date and makes its first operators, unless their tokens are known. */
export async function ensureMigrated(
  node: NodePlan & { app: 'root' | 'provider' },
  environment: Readonly<Record<string, string>>,
  { secrets, folder }: { secrets: SecretsFile; folder: StateFolder },
): Promise<void> {
  await demandProgram(node.app, ['migrate'], environment)
  const args =
    node.app === 'root'
      ? await officersCommand(folder.officers(node.name))
      : ['operator:create', ...REVIEWERS.flatMap((name) => ['--role', 'reviewer', '--name', name])]
  const people = node.app === 'root' ? OFFICERS : REVIEWERS
  if (secrets.node(node.name).operators.length >= people.length) return
  const first = await runProgram(node.app, args, environment)
  // Operators without tokens are of a start that was killed before it had written the tokens down: nobody has them.
  const made =
    first.code === 0 ? first.stdout : await demandProgram(node.app, [...args, '--recover'], environment)
  secrets.change(node.name, { operators: made.trimEnd().split('\n') })
}

/** The ceremony of a root: each officer has made a key of his own, and brings its public half. */
async function officersCommand(folder: string): Promise<string[]> {
  const command = ['officers:enrol']
  for (const [nth, name] of OFFICERS.entries()) {
    const [own, shown] = [officerKeyFile(folder, nth), join(folder, `officer-${nth + 1}.public.jwk.json`)]
    if (!existsSync(own))
      await arc3088('keys generate', { options: { dir: dirname(own), purposes: 'officer' } })
    if (!existsSync(shown)) await arc3088('keys public', { of: own, options: { out: shown } })
    command.push('--name', name, '--key', shown)
  }
  return command
}

/** Where an officer keeps his own key, which no node ever sees. */
export function officerKeyFile(folder: string, nth: number): string {
  return join(folder, `officer-${nth + 1}`, 'officer.jwk.json')
}
