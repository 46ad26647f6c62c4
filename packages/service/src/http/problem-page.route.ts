import { PROBLEMS, RegistryError, type ProblemCode } from '@arc3088/problems'
import type { Hono } from 'hono'
import { html } from 'hono/html'

import type { ServiceEnv } from './service-env.ts'

const PAGE_MAX_AGE_SECONDS = 3600

/**
 * `/problems/<code>`: the page that the `type` of every problem document leads to (RFC 9457 section 3.1.1), for the
 * person who reads a log and wants to know what the refusal means. Chinese and English, no script.
 */
export function mountProblemPages(app: Hono<ServiceEnv>): void {
  app.get('/problems/:code', (c) => {
    const code = c.req.param('code')
    if (!isProblemCode(code)) throw new RegistryError('route-not-found', `There is no problem called ${code}`)
    const { status, title, title_zh: titleZh } = PROBLEMS[code]
    c.header('cache-control', `public, max-age=${PAGE_MAX_AGE_SECONDS}`)
    return c.html(
      html`<!doctype html>
        <html lang="zh-CN">
          <head>
            <meta charset="utf-8" />
            <meta name="viewport" content="width=device-width" />
            <title>${code}</title>
          </head>
          <body>
            <main>
              <h1>${titleZh}</h1>
              <p lang="en">${title}.</p>
              <p><code>${code}</code> · HTTP ${status}</p>
            </main>
          </body>
        </html>`,
    )
  })
}

function isProblemCode(text: string): text is ProblemCode {
  return Object.hasOwn(PROBLEMS, text)
}
