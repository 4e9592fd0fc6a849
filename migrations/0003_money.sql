-- Money: payments, refunds, and the ledger that nothing is ever taken out of.

CREATE TABLE payments (
    id               UUID PRIMARY KEY,
    booking_id       UUID NOT NULL REFERENCES bookings (id),
    provider         TEXT NOT NULL,
    client_reference TEXT NOT NULL UNIQUE,
    external_id      TEXT,
    status           TEXT NOT NULL DEFAULT 'creating'
                     CHECK (status IN ('creating', 'pending', 'processing', 'failed', 'succeeded', 'cancelled')),
    amount           BIGINT NOT NULL CHECK (amount > 0),
    currency         CHAR(3) NOT NULL,
    -- What moved, which is what can go back.
    paid             BIGINT,
    paid_currency    CHAR(3),
    -- Encrypted with the booking's key.
    client_secret    JSONB,
    failure          TEXT,
    next_check_at    TIMESTAMPTZ NOT NULL DEFAULT now(),
    checks           INT NOT NULL DEFAULT 0,
    created_at       TIMESTAMPTZ NOT NULL DEFAULT now(),
    updated_at       TIMESTAMPTZ NOT NULL DEFAULT now(),
    UNIQUE (provider, external_id)
);

CREATE INDEX idx_payments_booking ON payments (booking_id, created_at);
CREATE UNIQUE INDEX one_live_payment ON payments (booking_id)
    WHERE status IN ('creating', 'pending', 'processing', 'failed');
CREATE INDEX idx_payments_open ON payments (next_check_at)
    WHERE status IN ('creating', 'pending', 'processing', 'failed');

CREATE TABLE refunds (
    id               UUID PRIMARY KEY,
    booking_id       UUID NOT NULL REFERENCES bookings (id),
    payment_id       UUID NOT NULL REFERENCES payments (id),
    -- `ticketing-failed`, `late-success`, `second-success`, `cancellation`
    reason           TEXT NOT NULL,
    client_reference TEXT NOT NULL UNIQUE,
    external_id      TEXT,
    status           TEXT NOT NULL DEFAULT 'requested'
                     CHECK (status IN ('requested', 'pending', 'succeeded', 'failed')),
    amount           BIGINT NOT NULL CHECK (amount > 0),
    currency         CHAR(3) NOT NULL,
    created_at       TIMESTAMPTZ NOT NULL DEFAULT now(),
    updated_at       TIMESTAMPTZ NOT NULL DEFAULT now(),
    UNIQUE (payment_id, reason)
);

CREATE INDEX idx_refunds_booking ON refunds (booking_id);

-- No more goes back than was paid, whatever the code above believes.
CREATE FUNCTION guard_refund() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
    payment payments%ROWTYPE;
    given BIGINT;
BEGIN
    SELECT * INTO payment FROM payments WHERE id = NEW.payment_id FOR UPDATE;
    SELECT coalesce(sum(amount), 0) INTO given FROM refunds
    WHERE payment_id = NEW.payment_id AND status <> 'failed' AND id <> NEW.id;
    IF payment.paid IS NULL OR payment.paid_currency <> NEW.currency
       OR (NEW.status <> 'failed' AND given + NEW.amount > payment.paid) THEN
        RAISE EXCEPTION 'a refund gives back more than was paid' USING ERRCODE = 'check_violation', CONSTRAINT = 'refund_amount';
    END IF;
    RETURN NEW;
END
$$;

CREATE TRIGGER guard_refund BEFORE INSERT OR UPDATE OF amount, currency, payment_id, status ON refunds
    FOR EACH ROW EXECUTE FUNCTION guard_refund();

-- The ledger. Positive amounts charge the traveller, negative ones give back; only PAYMENT_SUCCESS and REFUND_COMPLETED
-- are money that moved.
CREATE TABLE transactions (
    id               UUID PRIMARY KEY DEFAULT gen_random_uuid(),
    booking_id       UUID NOT NULL REFERENCES bookings (id),
    event_type       VARCHAR(50) NOT NULL CHECK (event_type IN
                     ('PAYMENT_INITIATED', 'PAYMENT_SUCCESS', 'PAYMENT_FAILED', 'PAYMENT_CANCELLED',
                      'REFUND_REQUESTED', 'REFUND_COMPLETED', 'REFUND_FAILED')),
    amount           BIGINT NOT NULL,
    currency         CHAR(3) NOT NULL DEFAULT 'IDR',
    payment_provider VARCHAR(50) NOT NULL,
    external_ref_id  VARCHAR(255),
    -- The provider's answer as it came, encrypted with the booking's key.
    payload          JSONB,
    created_at       TIMESTAMPTZ NOT NULL DEFAULT now(),
    CHECK (CASE WHEN event_type LIKE 'REFUND%' THEN amount < 0 ELSE amount > 0 END)
);

CREATE INDEX idx_transactions_booking_id ON transactions (booking_id);
CREATE INDEX idx_transactions_external_ref ON transactions (external_ref_id);
-- Money moves once.
CREATE UNIQUE INDEX one_success ON transactions (payment_provider, external_ref_id, event_type)
    WHERE event_type IN ('PAYMENT_SUCCESS', 'REFUND_COMPLETED');

CREATE FUNCTION keep_ledger() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    RAISE EXCEPTION 'the ledger is not rewritten' USING ERRCODE = 'restrict_violation', CONSTRAINT = 'ledger_immutable';
END
$$;

CREATE TRIGGER keep_ledger BEFORE UPDATE OR DELETE OR TRUNCATE ON transactions
    FOR EACH STATEMENT EXECUTE FUNCTION keep_ledger();

CREATE VIEW money_moved AS
    SELECT booking_id, currency, sum(amount)::BIGINT AS balance
    FROM transactions WHERE event_type IN ('PAYMENT_SUCCESS', 'REFUND_COMPLETED')
    GROUP BY booking_id, currency;

-- Webhooks taken in: the same event moves something once, however often it is delivered.
CREATE TABLE webhook_inbox (
    provider    TEXT NOT NULL,
    event_id    TEXT NOT NULL,
    booking_id  UUID REFERENCES bookings (id),
    -- `applied`, `ignored`, `unmatched`
    outcome     TEXT NOT NULL,
    -- The provider's id of what the event was about.
    external_id TEXT,
    received_at TIMESTAMPTZ NOT NULL DEFAULT now(),
    PRIMARY KEY (provider, event_id)
);

CREATE INDEX idx_webhook_inbox_received ON webhook_inbox (received_at);
