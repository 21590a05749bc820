import { quoteName, quoteTable, quoteText } from '../connection/quote.js'

/** Values are written the same way in whatever session a trigger runs. */
const writing = `SET timezone = 'UTC' SET datestyle = 'ISO' SET intervalstyle = 'postgres' SET extra_float_digits = 3 SET bytea_output = 'hex'`

/** Names and types of a table's columns, in the order of its rows as text; what is generated has no name. */
const columnsOf = (relation: string) => `
  SELECT array_agg(CASE WHEN attgenerated = '' THEN attname::text END ORDER BY attnum), array_agg(atttypid::int8 ORDER BY attnum)
    INTO names, types FROM pg_attribute WHERE attrelid = ${relation} AND attnum > 0 AND NOT attisdropped;`

/** Tables and functions that EDS keeps in the database. Each statement may be run again. */
export function baseStatements(schema: string): string[] {
  const own = (name: string) => quoteTable(schema, name)
  return [
    `CREATE TABLE IF NOT EXISTS ${own('eds_installation')} (epoch text NOT NULL, trimmed int8 NOT NULL DEFAULT 0)`,
    `CREATE TABLE IF NOT EXISTS ${own('eds_cursor')} (cursor text PRIMARY KEY, mode text NOT NULL, position text NOT NULL,
       pending text, tables text NOT NULL)`,
    `CREATE TABLE IF NOT EXISTS ${own('eds_identity')} (relation int8 PRIMARY KEY, identity text NOT NULL)`,
    `CREATE TABLE IF NOT EXISTS ${own('eds_outbox')} (id bigserial PRIMARY KEY, relation int8 NOT NULL, operation text NOT NULL,
       at timestamptz NOT NULL DEFAULT clock_timestamp(), columns text[] NOT NULL, types int8[] NOT NULL, before text, after text)`,
    `INSERT INTO ${own('eds_installation')} (epoch)
       SELECT substr(md5(random()::text || clock_timestamp()::text), 1, 8) WHERE NOT EXISTS (SELECT FROM ${own('eds_installation')})`,
    captureFunction(schema),
    truncateFunction(schema),
    truncateToLogFunction(schema),
    `CREATE OR REPLACE FUNCTION ${own('eds_wake')}() RETURNS trigger LANGUAGE plpgsql SET search_path = pg_catalog, pg_temp AS $eds$
       BEGIN PERFORM pg_notify('eds_outbox', ''); RETURN NULL; END $eds$`,
  ]
}

function definer(schema: string, name: string, body: string): string {
  return `CREATE OR REPLACE FUNCTION ${quoteTable(schema, name)}() RETURNS trigger LANGUAGE plpgsql SECURITY DEFINER
  SET search_path = pg_catalog, pg_temp ${writing} AS $eds$
DECLARE names text[]; types int8[]; before text; after text;
BEGIN ${columnsOf('TG_RELID')}
  ${body}
  RETURN NULL;
END $eds$`
}

function captureFunction(schema: string): string {
  return definer(
    schema,
    'eds_capture',
    `IF TG_OP <> 'INSERT' THEN before := OLD::text; END IF;
  IF TG_OP <> 'DELETE' THEN after := NEW::text; END IF;
  INSERT INTO ${quoteTable(schema, 'eds_outbox')} (relation, operation, columns, types, before, after)
    VALUES (coalesce(pg_partition_root(TG_RELID), TG_RELID)::oid::int8, TG_OP, names, types, before, after);`,
  )
}

/** Runs before the rows are gone, and writes a DELETE for each. */
function truncateFunction(schema: string): string {
  return definer(
    schema,
    'eds_truncate',
    `EXECUTE format('INSERT INTO %s (relation, operation, columns, types, before) SELECT $1, ''DELETE'', $2, $3, eds_row::text FROM %I.%I eds_row',
      ${quoteText(quoteTable(schema, 'eds_outbox'))}, TG_TABLE_SCHEMA, TG_TABLE_NAME) USING TG_RELID::int8, names, types;`,
  )
}

/** The same into the log, as messages of the transaction. */
function truncateToLogFunction(schema: string): string {
  return definer(
    schema,
    'eds_truncate_log',
    `EXECUTE format('SELECT count(pg_logical_emit_message(true, ''eds_truncate'',
      json_build_object(''relation'', $1, ''columns'', $2, ''types'', $3, ''row'', eds_row::text)::text)) FROM %I.%I eds_row',
      TG_TABLE_SCHEMA, TG_TABLE_NAME) USING TG_RELID::int8, names, types;`,
  )
}

/** Trigger → what makes it, for a table that is captured by triggers. */
export function captureTriggers(schema: string, table: string): ReadonlyMap<string, string> {
  const run = (name: string) => `EXECUTE FUNCTION ${quoteTable(schema, name)}()`
  return new Map([
    ['eds_capture', `AFTER INSERT OR UPDATE OR DELETE ON ${table} FOR EACH ROW ${run('eds_capture')}`],
    ['eds_wake', `AFTER INSERT OR UPDATE OR DELETE OR TRUNCATE ON ${table} FOR EACH STATEMENT ${run('eds_wake')}`],
    ['eds_truncate', `BEFORE TRUNCATE ON ${table} FOR EACH STATEMENT ${run('eds_truncate')}`],
  ])
}

/** The same for a table that is captured from the log. */
export function logTriggers(schema: string, table: string): ReadonlyMap<string, string> {
  const run = `EXECUTE FUNCTION ${quoteTable(schema, 'eds_truncate_log')}()`
  return new Map([['eds_truncate_log', `BEFORE TRUNCATE ON ${table} FOR EACH STATEMENT ${run}`]])
}

/** Triggers of this name exist only where EDS or nobody made them. */
export function createTrigger(name: string, definition: string): string {
  return `CREATE TRIGGER ${quoteName(name)} ${definition}`
}
