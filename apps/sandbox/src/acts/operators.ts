import { demandProgram, runProgram } from '../machine/programs.ts'
import type { NodePlan } from '../nodes.ts'
import type { SecretsFile } from '../secrets.ts'

/** Who works at the desks: two, since whoever proposes does not approve. */
const DESK = { root: ['officer', '官员'], provider: ['reviewer', '审核员'] } as const

/** Brings a node's database up to date and makes its first operators, unless their tokens are known. */
export async function ensureMigrated(
  node: NodePlan & { app: 'root' | 'provider' },
  environment: Readonly<Record<string, string>>,
  secrets: SecretsFile,
): Promise<void> {
  await demandProgram(node.app, ['migrate'], environment)
  if (secrets.node(node.name).operators.length > 0) return
  const [role, called] = DESK[node.app]
  const args = ['operator:create', ...[1, 2].flatMap((nth) => ['--role', role, '--name', `${called} ${nth}`])]
  const first = await runProgram(node.app, args, environment)
  // Operators without tokens are of a start that was killed before it had written the tokens down: nobody has them.
  const made =
    first.code === 0 ? first.stdout : await demandProgram(node.app, [...args, '--recover'], environment)
  secrets.change(node.name, { operators: made.trimEnd().split('\n') })
}
