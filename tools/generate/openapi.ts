import { existsSync, readdirSync } from 'node:fs'
import { join } from 'node:path'
import { pathToFileURL } from 'node:url'

import openapiTS, { astToString, type OpenAPI3 } from 'openapi-typescript'

import { root } from '../subprocess.ts'

/** The contract of each app that exports `openApiDocument()` from src/http/openapi-document.ts. */
export async function generateOpenApi(): Promise<ReadonlyMap<string, string>> {
  const documents = await openApiDocuments()
  return new Map(
    documents.map(([app, document]) => [
      `docs/openapi/${app}.json`,
      `${JSON.stringify(document, null, 2)}\n`,
    ]),
  )
}

/** The types of each contract, for packages/client. */
export async function generateClients(): Promise<ReadonlyMap<string, string>> {
  const files = new Map<string, string>()
  for (const [app, document] of await openApiDocuments()) {
    const types = astToString(await openapiTS(document, { alphabetize: true }))
    files.set(
      `packages/client/src/generated/${app}.ts`,
      `// Made from docs/openapi/${app}.json by npm run generate.\n${types}`,
    )
  }
  return files
}

async function openApiDocuments(): Promise<[app: string, document: OpenAPI3][]> {
  const documents: [string, OpenAPI3][] = []
  for (const app of readdirSync(join(root, 'apps')).toSorted()) {
    const file = join(root, 'apps', app, 'src', 'http', 'openapi-document.ts')
    if (!existsSync(file)) continue
    const module = (await import(pathToFileURL(file).href)) as { openApiDocument?: () => unknown }
    if (module.openApiDocument === undefined) throw new Error(`${file} does not export openApiDocument`)
    const document = await module.openApiDocument()
    if (!isOpenApi(document)) throw new Error(`openApiDocument of ${app} is not an OpenAPI 3 document`)
    documents.push([app, document])
  }
  return documents
}

function isOpenApi(document: unknown): document is OpenAPI3 {
  return typeof document === 'object' && document !== null && 'openapi' in document && 'paths' in document
}
