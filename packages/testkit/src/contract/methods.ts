import { createRawClient, type RawAnswer } from './raw-exchange.ts'
import type { Operation } from './contract.ts'
import type { FuzzTarget } from './fuzz.ts'

const METHODS = ['GET', 'HEAD', 'POST', 'PUT', 'PATCH', 'DELETE'] as const

/** The paths of a contract. */
export function pathsOf({ contract }: Pick<FuzzTarget, 'contract'>): string[] {
  return [...new Set(contract.operations.map(({ path }) => path))]
}

/**
 * Asks a path by every method, with values that exist, and says what is not as it should be: HEAD is GET without its
 * body, what is not served is 405 and says what is, OPTIONS says the same, and whatever is public may be read by any page.
 */
export async function faultsOfMethods(target: FuzzTarget, path: string): Promise<string[]> {
  using client = createRawClient(target.url)
  const operations = target.contract.operations.filter((operation) => operation.path === path)
  const served = operations.flatMap(({ method }) => (method === 'GET' ? ['GET', 'HEAD'] : [method]))
  const get = operations.find(({ method }) => method === 'GET')
  const concrete = fillIn(target, operations[0], path)
  const ask = async (method: string, headers: Record<string, string> = {}) =>
    await client.send({ method, target: concrete, headers, body: undefined })
  const faults: string[] = []
  const expect = (isSo: boolean, what: string) => void (isSo || faults.push(`${concrete} ${what}`))
  const saysWhatIsServed = ({ headers }: RawAnswer) =>
    (headers.allow ?? '').split(', ').toSorted().join() === [...served, 'OPTIONS'].toSorted().join()

  for (const method of METHODS.filter((each) => !served.includes(each))) {
    const answer = await ask(method)
    expect(
      answer.status === 405 && saysWhatIsServed(answer),
      `${method} ${answer.status} ${answer.headers.allow}`,
    )
  }
  const options = await ask('OPTIONS')
  expect(
    options.status === 204 && saysWhatIsServed(options),
    `OPTIONS ${options.status} ${options.headers.allow}`,
  )
  expect(options.text === '', 'OPTIONS has a body')
  if (get === undefined) return faults

  const credential = credentialFor(target, get)
  const [got, head] = [await ask('GET', credential), await ask('HEAD', credential)]
  const same = got.status === head.status && got.mediaType === head.mediaType && head.text === ''
  expect(same, `HEAD ${head.status} ${head.mediaType} is not GET ${got.status} ${got.mediaType}`)
  const preflight = await ask('OPTIONS', {
    origin: 'https://page.example',
    'access-control-request-method': 'GET',
    'access-control-request-headers': 'if-none-match',
  })
  const isOpen = ({ headers }: RawAnswer) => headers['access-control-allow-origin'] === '*'
  const isPublic = get.action === 'public'
  expect(!isPublic || (isOpen(got) && isOpen(head)), 'GET is public, and no page may read it')
  expect(isOpen(preflight) === isPublic, `a page may ask for it: ${isOpen(preflight)}, public: ${isPublic}`)
  const allowed = preflight.headers['access-control-allow-headers'] ?? ''
  expect(!isPublic || allowed.includes('if-none-match'), 'a page may not say what it has already')
  return faults
}

function fillIn({ values }: FuzzTarget, operation: Operation | undefined, path: string): string {
  return path.replaceAll(/\{(\w+)\}/g, (_, name: string) => {
    const [value = 'x'] = values[`${operation?.name} ${name}`] ?? values[name] ?? []
    return encodeURIComponent(value)
  })
}

function credentialFor({ callers, permissions }: FuzzTarget, { action }: Operation): Record<string, string> {
  const [role = ''] = permissions[action] ?? []
  const token = callers[role]
  return token === undefined ? {} : { authorization: `Bearer ${token}` }
}
