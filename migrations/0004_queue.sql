-- Work to be done, announced through an outbox; keys of requests; mail; what a person must look at.

CREATE TABLE jobs (
    id          UUID PRIMARY KEY,
    kind        TEXT NOT NULL CHECK (kind IN ('ticketing', 'resolve', 'compensate', 'refund', 'cancel', 'mail')),
    booking_id  UUID NOT NULL REFERENCES bookings (id),
    -- What it is about besides the booking: a refund, a cancellation quote.
    subject     UUID,
    -- What kind of mail.
    detail      TEXT,
    state       TEXT NOT NULL DEFAULT 'ready' CHECK (state IN ('ready', 'running', 'done', 'dead')),
    run_at      TIMESTAMPTZ NOT NULL DEFAULT now(),
    tries       INT NOT NULL DEFAULT 0,
    -- Tries that ended in an error of ours; too many, and the job is dead.
    failures    INT NOT NULL DEFAULT 0,
    lease_token UUID,
    lease_until TIMESTAMPTZ,
    last_error  TEXT,
    created_at  TIMESTAMPTZ NOT NULL DEFAULT now(),
    updated_at  TIMESTAMPTZ NOT NULL DEFAULT now(),
    CHECK ((state = 'running') = (lease_token IS NOT NULL))
);

CREATE INDEX idx_jobs_due ON jobs (run_at) WHERE state = 'ready';
CREATE INDEX idx_jobs_leased ON jobs (lease_until) WHERE state = 'running';
CREATE INDEX idx_jobs_booking ON jobs (booking_id);
CREATE INDEX idx_jobs_dead ON jobs (updated_at) WHERE state = 'dead';
-- One job of a kind for the same thing at a time.
CREATE UNIQUE INDEX one_open_job ON jobs (booking_id, kind, coalesce(subject, booking_id), coalesce(detail, ''))
    WHERE state IN ('ready', 'running');

-- Jobs to be announced to the queue. A message carries the job's id alone; the row above is the only claim on it.
CREATE TABLE outbox (
    id         BIGSERIAL PRIMARY KEY,
    job_id     UUID NOT NULL,
    booking_id UUID NOT NULL,
    created_at TIMESTAMPTZ NOT NULL DEFAULT now()
);

CREATE FUNCTION announce_job() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    INSERT INTO outbox (job_id, booking_id) VALUES (NEW.id, NEW.booking_id);
    PERFORM pg_notify('outbox', '');
    RETURN NULL;
END
$$;

CREATE TRIGGER announce_job AFTER INSERT ON jobs FOR EACH ROW EXECUTE FUNCTION announce_job();

CREATE TABLE idempotency_keys (
    api_key_id   UUID NOT NULL,
    user_id      UUID NOT NULL,
    operation    TEXT NOT NULL,
    key          TEXT NOT NULL,
    request_hash BYTEA NOT NULL,
    -- What the request made.
    subject      UUID NOT NULL,
    -- What it was answered; none while it is under way. Encrypted with the booking's key.
    answer       JSONB,
    created_at   TIMESTAMPTZ NOT NULL DEFAULT now(),
    PRIMARY KEY (api_key_id, user_id, operation, key)
);

CREATE INDEX idx_idempotency_keys_age ON idempotency_keys (created_at);

CREATE TABLE mails (
    message_id TEXT PRIMARY KEY,
    booking_id UUID NOT NULL REFERENCES bookings (id),
    kind       TEXT NOT NULL,
    sent_at    TIMESTAMPTZ,
    created_at TIMESTAMPTZ NOT NULL DEFAULT now(),
    UNIQUE (booking_id, kind)
);

CREATE TABLE alerts (
    id         UUID PRIMARY KEY,
    booking_id UUID NOT NULL REFERENCES bookings (id),
    kind       TEXT NOT NULL,
    -- For operators; without personal data.
    detail     TEXT NOT NULL,
    created_at TIMESTAMPTZ NOT NULL DEFAULT now(),
    settled_at TIMESTAMPTZ
);

CREATE INDEX idx_alerts_open ON alerts (created_at) WHERE settled_at IS NULL;
