import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { pathToFileURL } from 'node:url'

import { root } from '../subprocess.ts'

/** A variable of the environment of an app, as its schema has it. */
export interface Variable {
  readonly name: string
  readonly text: string
  /** Undefined where the variable has none; see `isRequired`. */
  readonly fallback: string | undefined
  readonly isRequired: boolean
}

/** The apps that are configured by environment, with the export of their config.ts that says how. */
const SCHEMAS = {
  root: 'RootEnvironment',
  provider: 'ProviderEnvironment',
  resolver: 'ResolverEnvironment',
} as const

export type ConfiguredApp = keyof typeof SCHEMAS

export const CONFIGURED_APPS = Object.keys(SCHEMAS) as ConfiguredApp[]

const BEGIN = '<!-- environment: made from src/config.ts by npm run generate -->'
const END = '<!-- end of environment -->'

/** The part of a zod schema that is looked at: tools have no zod of their own. */
interface Member {
  readonly description?: string | undefined
  readonly def: { readonly innerType?: Member }
  safeParse(value: unknown): { success: boolean; data?: unknown }
}

/** The variables of an app, in the order of its schema. */
export async function readVariables(app: ConfiguredApp): Promise<Variable[]> {
  const file = join(root, 'apps', app, 'src', 'config.ts')
  const module = (await import(pathToFileURL(file).href)) as Record<string, unknown>
  const schema = module[SCHEMAS[app]] as { shape: Record<string, Member> } | undefined
  if (schema === undefined) throw new Error(`${file} does not export ${SCHEMAS[app]}`)
  return Object.entries(schema.shape).map(([name, member]) => {
    const { success, data } = member.safeParse(undefined)
    const text = describe(member)
    if (text === undefined) throw new Error(`${name} of ${app} has no description`)
    return { name, text, fallback: fallbackText(data), isRequired: !success }
  })
}

function fallbackText(value: unknown): string | undefined {
  return typeof value === 'string' || value === undefined ? value : JSON.stringify(value)
}

/** A wrapper (a default, optional) does not know what it wraps is described by. */
function describe({ description, def }: Member): string | undefined {
  return description ?? (def.innerType === undefined ? undefined : describe(def.innerType))
}

/** The READMEs of the apps, each with its table between the marks; what stands around them is kept. */
export async function generateEnvironmentTables(): Promise<ReadonlyMap<string, string>> {
  const files = new Map<string, string>()
  for (const app of CONFIGURED_APPS) {
    const path = `apps/${app}/README.md`
    files.set(path, withTable(readFileSync(join(root, path), 'utf8'), tableOf(await readVariables(app))))
  }
  return files
}

/** Puts a table between the marks of a text. @throws Error where it has not exactly one pair of them. */
export function withTable(text: string, table: string): string {
  const [before, rest, ...more] = text.split(BEGIN)
  const [, after, ...others] = rest?.split(END) ?? []
  if (after === undefined || more.length > 0 || others.length > 0)
    throw new Error(`needs exactly one ${BEGIN} followed by ${END}`)
  return `${before}${BEGIN}\n\n${table}\n\n${END}${after}`
}

/** A markdown table; a bar would end its cell. */
export function tableOf(variables: readonly Variable[]): string {
  const rows = variables.map(
    ({ name, fallback, isRequired, text }) =>
      `| \`${name}\` | ${isRequired ? 'required' : fallback === undefined ? '–' : `\`${fallback}\``} | ${text.replaceAll('|', String.raw`\|`)} |`,
  )
  return ['| variable | default | what |', '|---|---|---|', ...rows].join('\n')
}
