import { EdsError } from '@eds/core'

interface CodecPackage {
  readonly package: string
  /** From what the package exports to the codec as the client takes it. */
  readonly codecOf: (exported: Record<string, unknown>) => unknown
}

type Factory = () => unknown
type Constructor = new () => { readonly codec: unknown }

/** Packages are optional: named in the README, installed by whoever wants them. */
const packages: Readonly<Record<string, CodecPackage>> = {
  snappy: { package: 'kafkajs-snappy', codecOf: (exported) => exported.default },
  lz4: { package: 'kafkajs-lz4', codecOf: (exported) => new (exported.default as Constructor)().codec },
  zstd: { package: '@kafkajs/zstd', codecOf: (exported) => (exported.default as Factory)() },
}

/** The codec for a compression that is not built in; `undefined` for those that are. */
export async function loadCodec(
  compression: string,
  load: (name: string) => Promise<Record<string, unknown>> = (name) => import(name),
): Promise<unknown> {
  const wanted = Object.hasOwn(packages, compression) ? packages[compression] : undefined
  if (wanted === undefined) return undefined
  try {
    return wanted.codecOf(await load(wanted.package))
  } catch (error) {
    const fix = `npm install ${wanted.package}, or use ?compression=gzip`
    throw new EdsError('configuration', `compression "${compression}" needs the package ${wanted.package}`, {
      cause: error,
      fix,
    })
  }
}
