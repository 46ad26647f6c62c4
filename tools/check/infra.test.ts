import { spawnSync } from 'node:child_process'
import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'

import { describe, expect, test } from 'vitest'

import { CONFIGURED_APPS, readVariables, type ConfiguredApp } from '../generate/environment.ts'
import { root } from '../subprocess.ts'

const read = (...path: string[]): string => readFileSync(join(root, 'infra', ...path), 'utf8')

/** Whether a program is there to be asked; where it is not, only the structure is held. */
const has = (program: string): boolean => spawnSync(program, ['--version']).error === undefined

/** The settings of a unit, each with all its values. */
function settingsOf(text: string): ReadonlyMap<string, string[]> {
  const settings = new Map<string, string[]>()
  for (const [, name = '', value = ''] of text.matchAll(/^(\w+)=(.*)$/gm))
    settings.set(name, [...(settings.get(name) ?? []), value])
  return settings
}

const variablesOf = (text: string): Record<string, string> =>
  Object.fromEntries(
    [...text.matchAll(/^([A-Z][A-Z0-9_]*)="?([^"\n]*)"?$/gm)].map(([, name = '', value = '']) => [
      name,
      value,
    ]),
  )

/** What a unit gives its app: its own settings, and those of its file. */
function environmentOf(app: ConfiguredApp): Record<string, string> {
  const own = settingsOf(read('systemd', `arc3088-${app}.service`)).get('Environment') ?? []
  const pairs = own.flatMap((line) => line.split(' ')).map((pair) => pair.split('=') as [string, string])
  return { ...Object.fromEntries(pairs), ...variablesOf(read('systemd', 'env', `${app}.env`)) }
}

test('the resolver, which keeps nothing, has no user of its own; its unit gives it one', () => {
  const unit = settingsOf(read('systemd', 'arc3088-resolver.service'))
  expect([unit.get('DynamicUser'), unit.has('User')]).toEqual([['yes'], false])
})

test.each(['root', 'provider'] as const)('the folders of %s belong to the user of its unit', (app) => {
  const unit = settingsOf(read('systemd', `arc3088-${app}.service`))
  const [user = ''] = unit.get('User') ?? []
  expect(read('systemd', 'sysusers.conf')).toContain(`u ${user} `)
  const { JOURNAL_DIR: journal = '', KEYS_DIR: keys = '' } = environmentOf(app)
  expect(read('systemd', 'tmpfiles.conf')).toContain(`d ${journal} 0700 ${user} ${user} -`)
  expect(unit.get('ReadWritePaths')).toEqual([journal])
  expect(keys.startsWith(`/var/lib/${unit.get('StateDirectory')?.[0]}/`)).toBe(true)
  // No disk of the journal is the database's, nor the state's.
  expect(journal.startsWith('/var/lib/')).toBe(false)
})

test.each(['root', 'provider'] as const)('%s is given its passphrase as a credential', (app) => {
  const unit = settingsOf(read('systemd', `arc3088-${app}.service`))
  expect(environmentOf(app)['KEY_PASSPHRASE_FILE']).toBe('%d/key-passphrase')
  expect(unit.get('LoadCredential')).toEqual([`key-passphrase:/etc/arc3088/${app}.passphrase`])
})

describe.each(CONFIGURED_APPS)('the unit of %s', (app) => {
  const unit = settingsOf(read('systemd', `arc3088-${app}.service`))

  test('gives every variable that the app requires, and none that it does not know', async () => {
    const given = environmentOf(app)
    const variables = await readVariables(app)
    const known = variables.map(({ name }) => name)
    expect(Object.keys(given).filter((name) => !known.includes(name))).toEqual([])
    const required = variables.filter(({ isRequired }) => isRequired).map(({ name }) => name)
    expect(required.filter((name) => !(name in given))).toEqual([])
  })

  test('listens where the app does by itself, on this machine alone', async () => {
    const { PORT, HOST } = environmentOf(app)
    const port = (await readVariables(app)).find(({ name }) => name === 'PORT')
    expect([PORT, HOST]).toEqual([port?.fallback, '127.0.0.1'])
  })

  test('runs the program that is built, as nobody who owns anything, with no more than it needs', () => {
    expect(unit.get('ExecStart')).toEqual([
      `/opt/arc3088/node_modules/.bin/node /opt/arc3088/apps/${app}/dist/main.js serve`,
    ])
    expect(existsSync(join(root, 'apps', app, 'src', 'main.ts'))).toBe(true)
    for (const name of [
      'NoNewPrivileges',
      'PrivateTmp',
      'PrivateDevices',
      'ProtectHome',
      'RestrictNamespaces',
    ])
      expect([name, unit.get(name)]).toEqual([name, ['yes']])
    expect(unit.get('ProtectSystem')).toEqual(['strict'])
    expect(unit.get('CapabilityBoundingSet')).toEqual([''])
    // It would end V8.
    expect(unit.has('MemoryDenyWriteExecute')).toBe(false)
  })

  test('keeps what is secret out of the unit', () => {
    const text = read('systemd', `arc3088-${app}.service`)
    expect(text).not.toMatch(/^Environment=.*(DATABASE_URL|PASSPHRASE=|PIN=)/m)
  })
})

test('the migrations alone are given the owner of the database', () => {
  for (const app of ['root', 'provider'] as const) {
    expect(Object.keys(variablesOf(read('systemd', 'env', `${app}-migrate.env`)))).toEqual([
      'MIGRATION_DATABASE_URL',
    ])
    expect(environmentOf(app)).not.toHaveProperty('MIGRATION_DATABASE_URL')
    expect(environmentOf(app)['DATABASE_URL']).toContain(`//${app}_app:`)
  }
})

test('systemd itself finds nothing wrong with the units, where it is there to ask', () => {
  const folder = mkdtempSync(join(tmpdir(), 'arc3088-units-'))
  try {
    const units = readdirSync(join(root, 'infra/systemd')).filter((name) => name.endsWith('.service'))
    expect(units).toHaveLength(4)
    for (const name of units) {
      // The one thing that is not there yet on the machine that is asked.
      const text = read('systemd', name).replaceAll('/opt/arc3088/node_modules/.bin/node', process.execPath)
      writeFileSync(join(folder, name.replace('@.', '@root.')), text)
    }
    if (!has('systemd-analyze')) return
    for (const name of readdirSync(folder)) {
      const { stderr } = spawnSync('systemd-analyze', ['verify', '--man=no', join(folder, name)], {
        encoding: 'utf8',
      })
      const own = stderr.split('\n').filter((line) => line.includes('arc3088'))
      expect([name, own]).toEqual([name, []])
    }
  } finally {
    rmSync(folder, { recursive: true })
  }
})

describe('the front', () => {
  const text = read('nginx', 'arc3088.conf')
  const code = text.replaceAll(/#.*$/gm, '')

  test('is well formed: every brace closes, every line ends', () => {
    expect(code.match(/\{/g)?.length).toBe(code.match(/\}/g)?.length)
    const lines = code.split('\n').map((line) => line.trim())
    expect(lines.filter((line) => line !== '' && !/[;{}]$/.test(line))).toEqual([])
  })

  test.each(CONFIGURED_APPS)('passes on to %s where it listens', (app) => {
    const { PORT } = environmentOf(app)
    expect(code).toMatch(new RegExp(`upstream arc3088_${app} \\{\\s+server 127\\.0\\.0\\.1:${PORT};`))
  })

  test('names no upstream and no zone that is not there', () => {
    const named = (pattern: RegExp) => new Set([...code.matchAll(pattern)].map(([, name]) => name))
    expect(named(/proxy_pass http:\/\/(\w+);/g)).toEqual(named(/upstream (\w+) /g))
    const zones = named(/zone=(\w+):\d+m/g)
    for (const name of named(/(?:limit_req zone=|limit_conn |proxy_cache )(\w+)/g))
      expect(zones).toContain(name)
  })

  test('has rules for addresses that the nodes have', () => {
    const documents = ['root', 'provider', 'resolver'].map((app) =>
      readFileSync(join(root, 'docs/openapi', `${app}.json`), 'utf8'),
    )
    const paths = documents.flatMap((each) =>
      Object.keys((JSON.parse(each) as { paths: Record<string, unknown> }).paths),
    )
    const special = [...code.matchAll(/location (?:= |~ )?(\S+) \{/g)].map(([, path = '']) => path)
    for (const path of special.filter((each) => each !== '/' && each !== '/metrics' && !each.startsWith('^')))
      expect([path, paths.some((known) => known.startsWith(path))]).toEqual([path, true])
    const bulk = new RegExp(special.find((each) => each.startsWith('^')) ?? '$^')
    expect('/v1/ontologies/1.2.156.3088.1.1.34C2.478BDF.0/instances:bulk').toMatch(bulk)
    expect(paths).toContain('/v1/ontologies/{code}/instances:bulk')
  })

  test('says itself who the client is, and shows figures to this machine alone', () => {
    expect(code.match(/server \{/g)).toHaveLength(3)
    expect(code.match(/proxy_set_header X-Forwarded-For \$remote_addr;/g)).toHaveLength(3)
    expect(
      code.match(/location = \/metrics \{\s+allow 127\.0\.0\.1;\s+allow ::1;\s+deny all;/g),
    ).toHaveLength(3)
    for (const app of CONFIGURED_APPS) expect(environmentOf(app)['TRUSTED_PROXIES']).toBe('127.0.0.1,::1')
  })

  test('nginx itself finds nothing wrong, where it is there to ask', () => {
    expect(code).not.toBe('')
    if (!has('nginx')) return
    const folder = mkdtempSync(join(tmpdir(), 'arc3088-nginx-'))
    try {
      const key = [
        'req',
        '-x509',
        '-newkey',
        'ec',
        '-pkeyopt',
        'ec_paramgen_curve:P-256',
        '-nodes',
        '-subj',
        '/CN=x',
      ]
      const files = ['-keyout', join(folder, 'x.key'), '-out', join(folder, 'x.crt')]
      expect(spawnSync('openssl', [...key, ...files]).status).toBe(0)
      const local = text
        .replaceAll(/\/etc\/arc3088\/tls\/\w+\.(crt|key)/g, `${folder}/x.$1`)
        .replaceAll('/var/cache/nginx', folder)
      writeFileSync(
        join(folder, 'nginx.conf'),
        `pid ${folder}/pid; error_log stderr; events {} http { access_log off; ${local} }`,
      )
      const { status, stderr } = spawnSync('nginx', ['-t', '-p', folder, '-c', join(folder, 'nginx.conf')], {
        encoding: 'utf8',
      })
      expect([status, stderr.includes('test is successful')]).toEqual([0, true])
    } finally {
      rmSync(folder, { recursive: true })
    }
  })
})
