import { Readable } from 'node:stream'
import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify'
import { z } from 'zod'
import type { ExportFile } from '../export-files.js'
import type { HttpContext } from './context.js'
import { refuse, succeed } from './envelope.js'

const ids = z.array(z.string()).nullish()
const bulkBody = z.looseObject({ timeOffset: z.number().nullish(), companyIds: ids, locationIds: ids, tables: ids })
const olderBody = z.looseObject({ tables: ids })
const presignBody = z.looseObject({ fileName: z.string() })

/** Files by the path that they can be downloaded from. */
type Downloads = Map<string, readonly ExportFile[]>

/** Bulk exports, the older export and the files of both. */
export function addExportRoutes(app: FastifyInstance, context: HttpContext): void {
  const downloads: Downloads = new Map()
  addStart(app, context)
  addStatus(app, context, downloads)
  addOlderExport(app, context, downloads)
  addDownload(app, downloads)
}

function addStart(app: FastifyInstance, { exports, journal }: HttpContext): void {
  app.post('/v3/export/bulk', { config: { mark: { name: 'startExport' } } }, async (request, reply) => {
    const parsed = bulkBody.safeParse(request.body ?? {})
    if (!parsed.success) return refuse(reply, 400, z.prettifyError(parsed.error))
    const id = exports.start(parsed.data.tables ?? undefined)
    journal.exportJobs.push({ id, body: parsed.data, polls: 0 })
    return succeed(reply, { jobId: id })
  })
}

function addStatus(app: FastifyInstance, context: HttpContext, downloads: Downloads): void {
  const { exports, journal } = context
  const options = { config: { mark: { name: 'exportStatus' } } } as const
  app.get<{ Params: { jobId: string } }>('/v3/export/bulk/:jobId', options, async (request, reply) => {
    const status = exports.poll(request.params.jobId)
    if (status === undefined) return refuse(reply, 404, 'No such export job')
    const record = journal.exportJobs.find(({ id }) => id === request.params.jobId)
    if (record !== undefined) record.polls = status.polls
    const tables = Object.entries(status.tables).map(([table, { files, ...rest }]) => {
      return [table, { ...rest, urls: files.map((file) => offer(context, downloads, file.name, [file])) }] as const
    })
    return succeed(reply, { completed: status.completed, tables: Object.fromEntries(tables) })
  })
}

/** The older export is one file of all rows: gzip files put after one another are a gzip file. */
function addOlderExport(app: FastifyInstance, context: HttpContext, downloads: Downloads): void {
  const made = new Map<string, readonly ExportFile[]>()
  app.post('/v3/export', { config: { mark: { name: 'olderExport' } } }, async (request, reply) => {
    const parsed = olderBody.safeParse(request.body ?? {})
    if (!parsed.success) return refuse(reply, 400, z.prettifyError(parsed.error))
    const fileName = `export-${made.size + 1}.json.gz`
    made.set(fileName, context.exports.files(parsed.data.tables ?? undefined))
    return succeed(reply, { fileName })
  })
  app.post('/v3/export/presigned_url', { config: { mark: { name: 'presignedUrl' } } }, async (request, reply) => {
    const parsed = presignBody.safeParse(request.body)
    if (!parsed.success) return refuse(reply, 400, z.prettifyError(parsed.error))
    const { fileName } = parsed.data
    const files = made.get(fileName)
    if (files === undefined) return refuse(reply, 404, 'No such file')
    return succeed(reply, { url: offer(context, downloads, fileName, files) })
  })
}

/** A URL that is good for these files, put after one another. */
function offer(
  { url, secrets }: HttpContext,
  downloads: Downloads,
  name: string,
  files: readonly ExportFile[],
): string {
  const path = `/export-files/${name}?signature=${secrets.token()}`
  downloads.set(path, files)
  return `${url}${path}`
}

function addDownload(app: FastifyInstance, downloads: Downloads): void {
  const options = { config: { mark: { name: 'exportFile', open: true } } } as const
  app.get('/export-files/*', options, async (request, reply) => {
    const files = downloads.get(request.url)
    if (files === undefined) return refuse(reply, 403, 'The URL is not valid')
    return send(files, request, reply)
  })
}

function send(files: readonly ExportFile[], request: FastifyRequest, reply: FastifyReply): FastifyReply {
  const size = files.reduce((sum, file) => sum + file.size, 0)
  reply.header('content-type', 'application/gzip').header('content-length', size)
  return reply.send(Readable.from(request.cut ? firstHalf(files) : everything(files)))
}

async function* everything(files: readonly ExportFile[]): AsyncGenerator<Buffer> {
  for (const file of files) yield* file.open()
}

async function* firstHalf(files: readonly ExportFile[]): AsyncGenerator<Buffer> {
  const [file] = files
  if (file !== undefined) yield* file.open(Math.floor(file.size / 2))
  throw new Error('the download was told to break off')
}
