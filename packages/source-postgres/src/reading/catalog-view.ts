import type { Client } from 'pg'
import { Catalog } from '../catalog/catalog.js'
import type { ShapeRegistry } from '../catalog/shape-registry.js'
import type { TableShape } from '../event/table-shape.js'
import type { Settings } from '../settings.js'

/** The catalog as one reader knows it, and the shapes that it has met. */
export class CatalogView {
  readonly #client: Client
  readonly #settings: Settings
  readonly #registry: ShapeRegistry
  readonly #shapes = new Map<string, TableShape | undefined>()
  #catalog: Catalog
  #told = ''

  private constructor(client: Client, settings: Settings, registry: ShapeRegistry, catalog: Catalog) {
    this.#client = client
    this.#settings = settings
    this.#registry = registry
    this.#catalog = catalog
    this.#use(catalog)
  }

  static async open(client: Client, settings: Settings, registry: ShapeRegistry): Promise<CatalogView> {
    return new CatalogView(client, settings, registry, await Catalog.read(client, settings.tables))
  }

  get catalog(): Catalog {
    return this.#catalog
  }

  async refresh(): Promise<void> {
    this.#use(await Catalog.read(this.#client, this.#settings.tables))
  }

  /** A table's shape when a change was made. Looks again for what it has not met before. */
  async shapeAt(
    relation: number,
    names: readonly (string | null)[],
    types: readonly number[],
  ): Promise<TableShape | undefined> {
    const key = JSON.stringify([relation, names, types])
    const known = this.#shapes.get(key)
    if (known) return known
    await this.refresh()
    const shape = this.#catalog.shapeOf(relation, names, types)
    this.#shapes.set(key, shape)
    if (shape) this.#registry.learn(shape)
    return shape
  }

  #use(catalog: Catalog): void {
    this.#catalog = catalog
    this.#shapes.clear()
    for (const { shape } of catalog.tables.values()) this.#registry.learn(shape)
    const told = [...catalog.refused].map(([name, reason]) => `"${name}": ${reason}`).join('; ')
    if (told !== '' && told !== this.#told) {
      this.#settings.logger.warn({ source: this.#settings.endpoint.where }, `tables that are not captured: ${told}`)
    }
    this.#told = told
  }
}
