-- Prices held, and what a booking consists of at its suppliers.

CREATE TABLE quotes (
    id             UUID PRIMARY KEY,
    api_key_id     UUID NOT NULL,
    offer_id       TEXT NOT NULL,
    supplier       TEXT NOT NULL,
    -- {"name", "version", "hash"} of the component that priced it.
    plugin_version JSONB NOT NULL,
    rules_version  TEXT NOT NULL,
    trip           JSONB NOT NULL,
    context        JSONB NOT NULL,
    -- The supplier's reply: segments, and the one offer with its token.
    reply          JSONB NOT NULL,
    supplier_total BIGINT NOT NULL,
    supplier_currency CHAR(3) NOT NULL,
    total          BIGINT NOT NULL CHECK (total >= 0),
    currency       CHAR(3) NOT NULL,
    -- The priced offer: lines with the rules that made them, and the exchange rate. Never shown to a frontend.
    priced         JSONB NOT NULL,
    -- The quote as the frontend saw it.
    shown          JSONB NOT NULL,
    expires_at     TIMESTAMPTZ NOT NULL,
    used_at        TIMESTAMPTZ,
    created_at     TIMESTAMPTZ NOT NULL DEFAULT now()
);

CREATE INDEX idx_quotes_unused ON quotes (expires_at) WHERE used_at IS NULL;

CREATE TABLE booking_items (
    id                UUID PRIMARY KEY,
    booking_id        UUID NOT NULL UNIQUE REFERENCES bookings (id),
    -- One quote makes one booking.
    quote_id          UUID NOT NULL UNIQUE REFERENCES quotes (id),
    supplier          TEXT NOT NULL,
    plugin_version    JSONB NOT NULL,
    rules_version     TEXT NOT NULL,
    offer_id          TEXT NOT NULL,
    offer_token       BYTEA NOT NULL,
    -- What the supplier may ask: as quoted, and as absorbed since.
    quoted_total      BIGINT NOT NULL,
    expected_total    BIGINT NOT NULL,
    supplier_currency CHAR(3) NOT NULL,
    baggage           JSONB NOT NULL,
    origin            TEXT NOT NULL,
    departure_date    DATE NOT NULL,
    departs_at        TIMESTAMPTZ,
    -- Minted with the booking, one for each operation, kept by every retry.
    create_reference  TEXT NOT NULL UNIQUE,
    ticket_reference  TEXT NOT NULL UNIQUE,
    cancel_reference  TEXT NOT NULL UNIQUE,
    -- What the supplier answered.
    order_id          TEXT,
    order_token       BYTEA,
    order_status      TEXT,
    order_total       BIGINT,
    locator           TEXT,
    carrier_locators  JSONB NOT NULL DEFAULT '[]',
    tickets           JSONB NOT NULL DEFAULT '[]',
    ticketing_deadline TIMESTAMPTZ,
    -- Why the money goes back, once that is decided: the order is cancelled first.
    failing           TEXT,
    updated_at        TIMESTAMPTZ NOT NULL DEFAULT now()
);

-- Calls that make something at a supplier. A row stands before the call leaves.
CREATE TABLE attempts (
    id               UUID PRIMARY KEY,
    booking_id       UUID NOT NULL REFERENCES bookings (id),
    item_id          UUID NOT NULL REFERENCES booking_items (id),
    operation        TEXT NOT NULL CHECK (operation IN ('create', 'issue', 'cancel')),
    client_reference TEXT NOT NULL,
    outcome          TEXT NOT NULL DEFAULT 'pending'
                     CHECK (outcome IN ('pending', 'succeeded', 'failed', 'unknown', 'absent')),
    -- The lease under which it was made.
    lease_token      UUID NOT NULL,
    plugin_version   JSONB NOT NULL,
    fault            JSONB,
    -- Past it the call can't be under way any more.
    ends_by          TIMESTAMPTZ NOT NULL,
    started_at       TIMESTAMPTZ NOT NULL DEFAULT now(),
    ended_at         TIMESTAMPTZ
);

CREATE INDEX idx_attempts_item ON attempts (item_id, operation, started_at);
-- Nobody asks again before it is known what became of the last time.
CREATE UNIQUE INDEX one_open_attempt ON attempts (item_id, operation) WHERE outcome IN ('pending', 'unknown');

CREATE TABLE cancellation_quotes (
    id             UUID PRIMARY KEY,
    booking_id     UUID NOT NULL REFERENCES bookings (id),
    supplier_refund BIGINT,
    supplier_currency CHAR(3),
    supplier_token BYTEA NOT NULL,
    refund         BIGINT NOT NULL CHECK (refund >= 0),
    penalty        BIGINT NOT NULL CHECK (penalty >= 0),
    currency       CHAR(3) NOT NULL,
    rules_version  TEXT NOT NULL,
    expires_at     TIMESTAMPTZ NOT NULL,
    used_at        TIMESTAMPTZ,
    created_at     TIMESTAMPTZ NOT NULL DEFAULT now()
);

CREATE INDEX idx_cancellation_quotes_booking ON cancellation_quotes (booking_id, created_at);
