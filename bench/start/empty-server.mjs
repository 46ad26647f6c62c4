/** The least that Node can be asked to start: one HTTP server that says ok. */
import { createServer } from 'node:http'
import process from 'node:process'

createServer((_request, response) => response.end('ok')).listen(Number(process.env['PORT']), '127.0.0.1')
