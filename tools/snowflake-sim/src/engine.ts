import { rmSync } from 'node:fs'
import { dataDefinition, type Options, type QualifiedName, type Statement } from './ast.js'
import type { Binds } from './binds.js'
import { Catalog, displayName, type Table } from './catalog.js'
import { copyFiles } from './copy.js'
import {
  addColumns,
  createSchema,
  createStage,
  createTable,
  type DefinitionContext,
  dropColumn,
  dropObject,
  renameTable,
} from './definition.js'
import { deleteRows, insertRows, scopeColumns, type Target, targetName, updateRows } from './dml.js'
import { informationSchema, showPrimaryKeys } from './information-schema.js'
import { mergeRows } from './merge.js'
import { compileQuery, type QueryContext, type Relation } from './query.js'
import { type Outcome, queryOutcome, statementTypes, statusOutcome } from './result.js'
import type { Session } from './session.js'
import { sessionFunctions } from './session-functions.js'
import { noWarehouse, objectMissing, tableMissing } from './sql-error.js'
import { listStaged, locateStage, removeStaged, uploadInstructions } from './stage-files.js'
import { Transaction } from './transaction.js'
import type { Row } from './value.js'

/** What tests switch on and off while the service runs. */
export interface Faults {
  warehouseSuspended: boolean
  createDenied: boolean
}

/** Instructions of a PUT, which the client carries out itself. */
export interface Upload {
  readonly upload: ReturnType<typeof uploadInstructions>
}

type Write = Extract<Statement, { kind: 'insert' | 'update' | 'delete' | 'merge' | 'copy' | 'truncate' }>

/** Executes parsed statements on the catalog: one statement takes effect as a whole or not at all. */
export class Engine {
  readonly catalog = new Catalog()
  readonly faults: Faults = { warehouseSuspended: false, createDenied: false }
  readonly warehouses = new Set<string>()

  async execute(statement: Statement, session: Session, binds: Binds, signal: AbortSignal): Promise<Outcome | Upload> {
    if (statement.kind !== 'insert') binds.refuseArrays()
    if (dataDefinition.has(statement.kind)) {
      session.commit()
      return this.define(statement, session, binds)
    }
    switch (statement.kind) {
      case 'query':
        return this.query(statement, session, binds)
      case 'insert':
      case 'update':
      case 'delete':
      case 'merge':
      case 'copy':
      case 'truncate':
        return this.write(statement, session, binds, signal)
      case 'put':
        return { upload: uploadInstructions(statement, locateStage(statement.stage, this.catalog, session)) }
      case 'remove':
        return removeStaged(locateStage(statement.stage, this.catalog, session))
      case 'list':
        return listStaged(locateStage(statement.stage, this.catalog, session))
      case 'show':
        return showPrimaryKeys(this.catalog.table(statement.table, session))
      default:
        return this.control(statement, session)
    }
  }

  private query(statement: Extract<Statement, { kind: 'query' }>, session: Session, binds: Binds): Outcome {
    if (statement.query.from !== undefined) this.needWarehouse(session)
    const query = compileQuery(statement.query, this.context(session, binds))
    return queryOutcome(query.columns, query.run())
  }

  private needWarehouse(session: Session): void {
    const usable = session.warehouse !== undefined && this.warehouses.has(session.warehouse)
    if (!usable || this.faults.warehouseSuspended) throw noWarehouse()
  }

  private define(statement: Statement, session: Session, binds: Binds): Outcome {
    const context: DefinitionContext = {
      catalog: this.catalog,
      session,
      createDenied: this.faults.createDenied,
      query: (query) => compileQuery(query, this.context(session, binds)),
    }
    switch (statement.kind) {
      case 'create-table':
        return createTable(statement, context)
      case 'create-stage':
        return createStage(statement, context)
      case 'create-schema':
        return createSchema(statement, context)
      case 'drop':
        return dropObject(statement, context)
      case 'add-columns':
        return addColumns(statement, context)
      case 'drop-column':
        return dropColumn(statement, context)
      case 'rename':
      case 'swap':
        return renameTable(statement, context)
      default:
        throw new TypeError(`${statement.kind} defines nothing`)
    }
  }

  private async write(statement: Write, session: Session, binds: Binds, signal: AbortSignal): Promise<Outcome> {
    this.needWarehouse(session)
    const name = writtenName(statement)
    const optional = statement.kind === 'truncate' && statement.ifExists
    if (optional && this.catalog.findTable(name, session) === undefined) {
      return statusOutcome('Statement executed successfully.')
    }
    const table = this.catalog.table(name, session)
    const transaction = session.transaction ?? new Transaction(false)
    try {
      await transaction.lock(table, signal)
      const result = this.change(statement, session, binds, table, transaction)
      if (!transaction.explicit) transaction.commit()
      for (const path of result.purge) rmSync(path, { force: true })
      return result.outcome
    } catch (error) {
      if (!transaction.explicit) transaction.rollback()
      throw error
    }
  }

  private change(statement: Write, session: Session, binds: Binds, table: Table, transaction: Transaction) {
    const target: Target = {
      table,
      rows: transaction.rowsOf(table),
      context: this.context(session, binds),
      write: (rows: readonly Row[]) => transaction.write(table, rows),
    }
    if (statement.kind === 'copy')
      return copyFiles(statement, locateStage(statement.stage, this.catalog, session), target)
    return { outcome: changeRows(statement, session, binds, target), purge: [] }
  }

  private control(statement: Statement, session: Session): Outcome {
    const done = statusOutcome('Statement executed successfully.', statementTypes.transaction)
    switch (statement.kind) {
      case 'begin':
        session.begin()
        return done
      case 'commit':
        session.commit()
        return done
      case 'rollback':
        session.rollback()
        return done
      case 'set':
        applyParameters(session, statement.parameters)
        return done
      case 'unset':
        for (const name of statement.names) delete session.parameters[name]
        return done
      case 'use':
        return this.use(statement, session)
      default:
        throw new TypeError(`${statement.kind} controls nothing`)
    }
  }

  private use(statement: Extract<Statement, { kind: 'use' }>, session: Session): Outcome {
    const [name = '', database = session.database ?? ''] = [...statement.name].reverse()
    if (statement.object === 'WAREHOUSE') {
      if (!this.warehouses.has(name)) throw objectMissing('Warehouse', displayName([name]))
      session.warehouse = name
    } else if (statement.object === 'DATABASE') {
      if (!this.catalog.databases.has(name)) throw objectMissing('Database', displayName([name]))
      session.database = name
      session.schema = this.catalog.hasSchema(name, 'PUBLIC') ? 'PUBLIC' : undefined
    } else if (statement.object === 'SCHEMA') {
      if (!this.catalog.hasSchema(database, name)) throw objectMissing('Schema', displayName(statement.name))
      session.database = database
      session.schema = name
    } else session.role = name
    return statusOutcome('Statement executed successfully.')
  }

  private context(session: Session, binds: Binds): QueryContext {
    const context: QueryContext = {
      windows: [],
      bind: (index) => binds.bind(index),
      call: (name) => sessionFunctions(name, session),
      subquery: (query, scope) => compileQuery(query, context, scope),
      table: ({ name, alias }) => this.relation(name, alias, session),
    }
    return context
  }

  private relation(name: QualifiedName, alias: string, session: Session): Relation {
    if (name.at(-2) === 'INFORMATION_SCHEMA') {
      const database = name.at(-3) ?? session.database ?? ''
      if (!this.catalog.databases.has(database)) throw objectMissing('Database', displayName([database]))
      const found = informationSchema(name.at(-1) ?? '', database, alias, this.catalog, session)
      if (found === undefined) throw tableMissing(displayName(name))
      return found
    }
    const table = this.catalog.table(name, session)
    return { columns: scopeColumns(table, alias), rows: () => session.rowsOf(table) }
  }
}

function writtenName(statement: Write): QualifiedName {
  if (statement.kind === 'update' || statement.kind === 'delete' || statement.kind === 'merge') {
    return targetName(statement.table)
  }
  return statement.table
}

function changeRows(
  statement: Exclude<Write, { kind: 'copy' }>,
  session: Session,
  binds: Binds,
  target: Target,
): Outcome {
  switch (statement.kind) {
    case 'insert':
      return insertRows(statement, target, binds)
    case 'update':
      return updateRows(statement, target)
    case 'delete':
      return deleteRows(statement, target)
    case 'merge':
      return mergeRows(
        statement,
        target,
        String(session.parameters.ERROR_ON_NONDETERMINISTIC_MERGE).toLowerCase() !== 'false',
      )
    case 'truncate':
      target.write([])
      return statusOutcome('Statement executed successfully.', statementTypes.delete)
  }
}

export function applyParameters(session: Session, parameters: Options): void {
  for (const [name, value] of Object.entries(parameters)) session.parameters[name] = value
}
