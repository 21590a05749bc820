import { createHash } from 'node:crypto'
import { existsSync, readdirSync, readFileSync, rmSync, statSync } from 'node:fs'
import { dirname, join, normalize, relative } from 'node:path'
import { gunzipSync } from 'node:zlib'
import type { Statement } from './ast.js'
import { type Catalog, displayName, type Stage } from './catalog.js'
import { type Outcome, statusOutcome } from './result.js'
import type { Session } from './session.js'
import { objectMissing } from './sql-error.js'
import { integerType, textType } from './sql-type.js'
import { TokenReader } from './token-reader.js'
import { Decimal } from './value.js'

export interface StageLocation {
  readonly stage: Stage
  /** Path inside the stage, possibly a prefix of file names. */
  readonly prefix: string
}

export interface StagedFile {
  readonly name: string
  readonly path: string
}

/** Finds the stage that `"DB"."S"."s"/path` names. */
export function locateStage(location: string, catalog: Catalog, session: Session): StageLocation {
  const quotedEnd = location.lastIndexOf('"')
  const slash = location.indexOf('/', quotedEnd + 1)
  const name = slash < 0 ? location : location.slice(0, slash)
  const parts = new TokenReader(name).qualifiedName()
  const stage = catalog.findStage(parts, session)
  if (stage === undefined) throw objectMissing('Stage', displayName(parts))
  return { stage, prefix: slash < 0 ? '' : normalize(location.slice(slash + 1)) }
}

export function stagedFiles({ stage, prefix }: StageLocation): readonly StagedFile[] {
  if (!existsSync(stage.folder)) return []
  return readdirSync(stage.folder, { recursive: true })
    .map((entry) => ({ path: join(stage.folder, String(entry)) }))
    .filter(({ path }) => statSync(path).isFile())
    .map(({ path }) => ({ path, name: relative(stage.folder, path) }))
    .filter(({ name }) => name.startsWith(prefix))
    .sort((left, right) => (left.name < right.name ? -1 : 1))
}

/** The text of a staged file, unpacked when gzipped, and a digest that tells a changed file from the same one again. */
export function readStaged(file: StagedFile) {
  const bytes = readFileSync(file.path)
  const packed = bytes[0] === 0x1f && bytes[1] === 0x8b
  return {
    text: (packed ? gunzipSync(bytes) : bytes).toString('utf8'),
    digest: createHash('sha256').update(bytes).digest('hex'),
  }
}

export function removeStaged(location: StageLocation): Outcome {
  const files = stagedFiles(location)
  for (const { path } of files) rmSync(path)
  return {
    ...statusOutcome(''),
    columns: [
      { name: 'name', type: textType },
      { name: 'result', type: textType },
    ],
    rows: files.map(({ name }) => [`${location.stage.name.object.toLowerCase()}/${name}`, 'removed']),
  }
}

export function listStaged(location: StageLocation): Outcome {
  return {
    ...statusOutcome(''),
    columns: [
      { name: 'name', type: textType },
      { name: 'size', type: integerType },
    ],
    rows: stagedFiles(location).map(({ name, path }) => [
      `${location.stage.name.object.toLowerCase()}/${name}`,
      new Decimal(BigInt(statSync(path).size)),
    ]),
  }
}

/** What the client needs for PUT: with LOCAL_FS it compresses and copies the files itself. */
export function uploadInstructions(statement: Extract<Statement, { kind: 'put' }>, { stage, prefix }: StageLocation) {
  const {
    AUTO_COMPRESS = 'TRUE',
    SOURCE_COMPRESSION = 'AUTO_DETECT',
    OVERWRITE = 'FALSE',
    PARALLEL = '4',
  } = statement.options
  const folder = prefix === '' ? stage.folder : join(stage.folder, prefix)
  return {
    command: 'UPLOAD',
    src_locations: [statement.files],
    autoCompress: String(AUTO_COMPRESS).toUpperCase() === 'TRUE',
    sourceCompression: String(SOURCE_COMPRESSION).toLowerCase(),
    overwrite: String(OVERWRITE).toUpperCase() === 'TRUE',
    parallel: Number(PARALLEL),
    threshold: 209_715_200,
    clientShowEncryptionParameter: false,
    encryptionMaterial: null,
    presignedUrls: null,
    stageInfo: {
      locationType: 'LOCAL_FS',
      location: folder,
      path: prefix === '' ? '' : dirname(join(prefix, '.')),
      region: '',
      creds: {},
    },
  }
}
