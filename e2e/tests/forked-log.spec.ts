import { readFileSync } from 'node:fs'
import { createServer } from 'node:http'
import { join } from 'node:path'

import { createMemorySigner, type PrivateJwk } from '@arc3088/records'
import {
  createNoteSigner,
  decodeEntryBundle,
  encodeEntryBundle,
  formatAddCheckpoint,
  hashLeaf,
  LOG_ALGORITHM,
  parseCheckpoint,
  parseNote,
  parseVkey,
  signCheckpoint,
  treeRoot,
  type Checkpoint,
} from '@arc3088/tlog'
import { freePort } from '@arc3088/testkit'
import { expect, test } from 'vitest'

import { openFederation } from '../programs/federation.ts'
import { findLogOf, proofFaults } from '../programs/read-log.ts'
import { register } from '../programs/registrations.ts'
import { arc3088 } from '../programs/run-cli.ts'

const REGISTRATIONS = 40
const TIMEOUT_MS = 600_000

/** What a log shows at its paths. */
type Files = ReadonlyMap<string, string | Uint8Array>

/** Serves a log as somebody else would have it. */
async function serveLog(files: Files): Promise<{ url: string } & AsyncDisposable> {
  const port = await freePort()
  const server = createServer((request, response) => {
    const file = files.get((request.url ?? '').slice(1))
    response.writeHead(file === undefined ? 404 : 200).end(file)
  })
  await new Promise<void>((resolve) => server.listen(port, '127.0.0.1', resolve))
  return {
    url: `http://127.0.0.1:${port}`,
    async [Symbol.asyncDispose]() {
      server.closeAllConnections()
      await new Promise((resolve) => server.close(resolve))
    },
  }
}

/** A small log of these entries: all of it in one tile. */
function filesOf(entries: readonly Uint8Array[], checkpoint: string): Files {
  const width = entries.length
  return new Map<string, string | Uint8Array>([
    ['checkpoint', checkpoint],
    [`tile/0/000.p/${width}`, Buffer.concat(entries.map(hashLeaf))],
    [`tile/entries/000.p/${width}`, encodeEntryBundle(entries)],
  ])
}

function sizeOf(note: string): number {
  return parseCheckpoint(parseNote(note)?.body ?? '')?.size ?? 0
}

test(
  'a log that its own key has forked or rolled back is refused by its witness, and named by fsck',
  { timeout: TIMEOUT_MS },
  async () => {
    await using federation = await openFederation()
    const { root, company, anchor, folder, token } = federation
    await using above = await root.start()
    await using node = await company.start()
    const answers = await Promise.all(
      Array.from(
        { length: REGISTRATIONS },
        async (_, nth) => await register({ url: company.url, token }, `forked-${nth}`),
      ),
    )
    const log = await findLogOf(anchor, company.url)
    const records = answers.map(({ record }) => record)
    expect(await proofFaults(company.url, log, records)).toEqual([])
    const shown = await (await fetch(`${company.url}/tlog/checkpoint`)).text()
    const size = sizeOf(shown)
    const bundle = await fetch(`${company.url}/tlog/tile/entries/000.p/${size}`)
    const entries = decodeEntryBundle(new Uint8Array(await bundle.arrayBuffer())) ?? []
    expect(entries).toHaveLength(size)

    // Whoever has the key of the log.
    const file = join(company.environment['KEYS_DIR'] ?? '', 'tlog.jwk.json')
    const privateJwk = JSON.parse(readFileSync(file, 'utf8')) as PrivateJwk
    const key = await createMemorySigner({ alg: 'Ed25519', privateJwk })
    const vkey = log.vkeys[0] ?? ''
    const signer = createNoteSigner({
      name: log.origin,
      publicKey: parseVkey(vkey)?.publicKey ?? new Uint8Array(),
      algorithm: LOG_ALGORITHM,
      sign: async (message) => await key.sign(message),
    })
    const signed = async (of: readonly Uint8Array[]): Promise<string> => {
      const checkpoint: Checkpoint = { origin: log.origin, size: of.length, root: treeRoot(of.map(hashLeaf)) }
      return await signCheckpoint(checkpoint, signer)
    }

    const witness = async (oldSize: number, checkpoint: string) => {
      const body = formatAddCheckpoint({ oldSize, proof: [], checkpoint })
      const response = await fetch(`${root.url}/add-checkpoint`, { method: 'POST', body })
      return [response.status, (await response.text()).trim()]
    }
    const forkedEntries = [...entries.slice(0, -2), ...entries.slice(-2).toReversed()]
    const forked = await signed(forkedEntries)
    const longer = [...forkedEntries, ...entries.slice(0, 1)]
    const rolledBack = await signed(entries.slice(0, size - 5))
    // The same size with another root; a smaller one; a larger one that did not grow from what was seen.
    expect((await witness(size, forked))[0]).toBe(409)
    expect(await witness(size - 5, rolledBack)).toEqual([409, String(size)])
    expect((await witness(size, await signed(longer)))[0]).toBe(422)
    expect((await witness(size, shown))[0]).toBe(200)

    const state = join(folder, 'fsck.json')
    const fsck = async (url: string) => {
      const { code, json } = await arc3088(['log', 'fsck', url, '--vkey', vkey, '--state', state, '--json'])
      const faults = json()['faults'] as { code: string }[]
      return [code, faults.map((fault) => fault.code)]
    }
    expect(await fsck(`${company.url}/tlog`)).toEqual([0, []])
    await using fork = await serveLog(filesOf(forkedEntries, forked))
    expect(await fsck(fork.url)).toEqual([1, ['log-forked']])
    await using older = await serveLog(filesOf(entries.slice(0, size - 5), rolledBack))
    expect(await fsck(older.url)).toEqual([1, ['log-rolled-back']])
    await using liar = await serveLog(filesOf(forkedEntries, shown))
    expect((await fsck(liar.url))[0]).toBe(1)
    expect(await fsck(`${company.url}/tlog`)).toEqual([0, []])
    expect([above.child.exitCode, node.child.exitCode]).toEqual([null, null])
  },
)
