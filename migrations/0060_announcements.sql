-- The outbox is the job's own row: when the job is next to be announced to the workers. Written in the transaction that
-- gives the reason, by a trigger, so that no process of any version can forget it.
ALTER TABLE jobs
    -- Null: never again. A job that is announced and not claimed is announced again, after growing pauses.
    ADD COLUMN announce_at TIMESTAMPTZ,
    -- Announcements since the job's last move.
    ADD COLUMN announced   INT NOT NULL DEFAULT 0;

CREATE FUNCTION plan_announcement() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    NEW.announced := 0;
    NEW.announce_at := CASE NEW.state
        WHEN 'ready' THEN NEW.run_at
        -- Should its worker go silent.
        WHEN 'running' THEN NEW.lease_until
        -- To the dead letters.
        WHEN 'dead' THEN now()
    END;
    RETURN NEW;
END
$$;

CREATE TRIGGER plan_announcement BEFORE INSERT OR UPDATE OF state, run_at, lease_until ON jobs
    FOR EACH ROW EXECUTE FUNCTION plan_announcement();

UPDATE jobs SET state = state WHERE state <> 'done';

CREATE INDEX idx_jobs_announce ON jobs (announce_at) WHERE announce_at IS NOT NULL;

-- Wakes whoever listens. The table `outbox` is filled no longer; workers of the version before still read it.
CREATE OR REPLACE FUNCTION announce_job() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    PERFORM pg_notify('outbox', '');
    RETURN NULL;
END
$$;

-- A replayed job, and a dead one.
CREATE TRIGGER announce_job_again AFTER UPDATE OF state ON jobs
    FOR EACH ROW WHEN (NEW.state <> OLD.state AND (NEW.state = 'dead' OR (NEW.state = 'ready' AND NEW.run_at <= now())))
    EXECUTE FUNCTION announce_job();

DELETE FROM outbox;
