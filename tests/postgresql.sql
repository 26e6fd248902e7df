-- What tests add to a PostgreSQL database before it is migrated.

-- A frozen clock must freeze the database's too (`clock.db_now`). The path puts our function before
-- PostgreSQL's own; `public` stays first, so tables are created and looked for where they belong.
CREATE SCHEMA test_clock;
CREATE TABLE test_clock.frozen (at timestamptz NOT NULL);
CREATE FUNCTION public.clock_timestamp() RETURNS timestamptz LANGUAGE sql VOLATILE AS
  'SELECT coalesce((SELECT at FROM test_clock.frozen), pg_catalog.clock_timestamp())';

-- What migrations wrote is kept in tables of the same names, and brought back after each test.
CREATE SCHEMA test_kept;

CREATE VIEW test_kept.written AS
  SELECT relname AS name, pg_relation_size(oid) AS size FROM pg_class
  WHERE relnamespace = 'public'::regnamespace AND relkind = 'r' AND pg_relation_size(oid) > 0;

CREATE FUNCTION test_kept.keep() RETURNS void LANGUAGE plpgsql AS $$
DECLARE one record;
BEGIN
  FOR one IN SELECT * FROM test_kept.written LOOP
    EXECUTE format('CREATE TABLE test_kept.%1$I AS TABLE public.%1$I', one.name);
  END LOOP;
END $$;

-- Neither foreign keys nor the guards of the audit are in a replica's way. TRUNCATE gives each
-- table and index a new file, which takes 25 ms for all of them: only for those that grew.
CREATE FUNCTION test_kept.clean() RETURNS void LANGUAGE plpgsql
  SET session_replication_role = replica AS $$
DECLARE one record;
BEGIN
  EXECUTE 'LOCK TABLE '
    || (SELECT string_agg(oid::regclass::text, ', ') FROM pg_class
        WHERE relnamespace = 'public'::regnamespace AND relkind = 'r')
    || ' IN ACCESS EXCLUSIVE MODE';
  FOR one IN SELECT * FROM test_kept.written LOOP
    IF one.size > 1000000 THEN
      EXECUTE format('TRUNCATE public.%I CASCADE', one.name);
    ELSIF to_regclass(format('test_kept.%I', one.name)) IS NULL THEN
      EXECUTE format('DELETE FROM public.%I', one.name);
    ELSE
      EXECUTE format('DELETE FROM public.%1$I t
        WHERE t::text NOT IN (SELECT k::text FROM test_kept.%1$I k)', one.name);
    END IF;
  END LOOP;
  FOR one IN SELECT relname AS name FROM pg_class
      WHERE relnamespace = 'test_kept'::regnamespace AND relkind = 'r' LOOP
    EXECUTE format('INSERT INTO public.%1$I SELECT * FROM test_kept.%1$I
      ON CONFLICT DO NOTHING', one.name);
  END LOOP;
  PERFORM setval(seqrelid, seqstart, false) FROM pg_sequence;
END $$;
