import { arc3088 } from './run-cli.ts'
import type { SandboxDescription } from './run-sandbox.ts'

/** An officer of a root: a token to come in with, and the file of a key of his own. */
export interface Officer {
  readonly token: string
  readonly keyFile: string
}

/** A root with the officers of its ceremony, of whom two decide. */
export interface RootDesk {
  readonly url: string
  readonly officers: readonly [Officer, Officer, Officer]
}

/** What a command says as JSON; what a root answers to it. */
export type Said = Readonly<Record<string, unknown>>

/** The desk of a root of a sandbox. */
export function deskOf({ url, officers, officer_keys: keys }: SandboxDescription['root']): RootDesk {
  const [first, second, third] = officers.map((token, nth) => ({ token, keyFile: keys[nth] ?? '' }))
  if (first === undefined || second === undefined || third === undefined)
    throw new Error(`${url} has too few officers`)
  return { url, officers: [first, second, third] }
}

/** Runs a command as the holder of a token; answers what it said. @throws Error where it was refused. */
export async function say(args: readonly string[], token = ''): Promise<Said> {
  const { code, stderr, json } = await arc3088([...args, '--json'], { environment: { ARC3088_TOKEN: token } })
  if (code !== 0) throw new Error(`arc3088 ${args.slice(0, 3).join(' ')} ended with ${code}: ${stderr}`)
  return json()
}

/** Runs a command that a node is to refuse; answers the code of the problem. */
export async function refusalOf(args: readonly string[], token = ''): Promise<unknown> {
  const { code, stdout, stderr } = await arc3088([...args, '--json'], {
    environment: { ARC3088_TOKEN: token },
  })
  if (code !== 1) throw new Error(`${args.slice(0, 3).join(' ')} ended with ${code}: ${stdout}${stderr}`)
  return (JSON.parse(stderr) as Said)['code']
}

/** The command that proposes an act. */
export function proposing({ url }: RootDesk, kind: string, ask: object): string[] {
  return [
    'desk',
    'propose',
    kind,
    '--url',
    url,
    '--ask',
    JSON.stringify(ask),
    '--reason',
    '依规 as the rules have it',
  ]
}

/** The command that signs one's own proposal, by a key. */
export function signing({ url }: RootDesk, { id }: Said, { keyFile }: Officer): string[] {
  return ['desk', 'proposals', 'sign', String(id), '--url', url, '--officer-key', keyFile]
}

/** The command that approves a proposal, by a key. */
export function approving({ url }: RootDesk, { id, hash }: Said, { keyFile }: Officer): string[] {
  const vote = ['--hash', String(hash), '--reason', '核查无误 checked', '--officer-key', keyFile]
  return ['desk', 'proposals', 'approve', String(id), '--url', url, ...vote]
}

/** Has the first officer sign what he proposed and the second approve it; answers what it led to. */
export async function decide(desk: RootDesk, proposal: Said): Promise<Said> {
  const [first, second] = desk.officers
  await say(signing(desk, proposal, first), first.token)
  const { outcome } = await say(approving(desk, proposal, second), second.token)
  return outcome as Said
}

/** Has two officers decide an act. */
export async function act(desk: RootDesk, kind: string, ask: object): Promise<Said> {
  return await decide(desk, await say(proposing(desk, kind, ask), desk.officers[0].token))
}
