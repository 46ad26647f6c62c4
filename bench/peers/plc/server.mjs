/**
 * The directory as its package has it, on the loopback alone, over the database of DATABASE_URL. It logs nothing
 * (LOG_ENABLED is not set), which is its fastest.
 */
import { once } from 'node:events'
import { createServer } from 'node:http'
import process from 'node:process'

import plc from '@did-plc/server'

const db = plc.Database.postgres({ url: process.env.DATABASE_URL })
await db.migrateToLatestOrThrow()
const { app } = plc.PlcServer.create({ db, port: Number(process.env.PORT) })
const server = createServer(app)
server.listen(Number(process.env.PORT), '127.0.0.1')
await once(server, 'listening')
