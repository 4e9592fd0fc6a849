-- Bookings as travellers know them, and the moves that their status may make.

CREATE TABLE api_keys (
    id            UUID PRIMARY KEY DEFAULT gen_random_uuid(),
    name          TEXT NOT NULL,
    key_hash      BYTEA NOT NULL UNIQUE,
    scopes        TEXT[] NOT NULL DEFAULT '{}',
    rate_plan     TEXT NOT NULL DEFAULT 'standard',
    point_of_sale CHAR(2) NOT NULL,
    channel       TEXT NOT NULL DEFAULT 'web',
    -- Where the frontend's users come from: their tokens' keys, issuer and audience.
    jwks          JSONB,
    issuer        TEXT,
    audience      TEXT,
    disabled_at   TIMESTAMPTZ,
    created_at    TIMESTAMPTZ NOT NULL DEFAULT now()
);

CREATE TABLE bookings (
    id              UUID PRIMARY KEY DEFAULT gen_random_uuid(),
    user_id         UUID NOT NULL,
    status          VARCHAR(50) NOT NULL DEFAULT 'INIT',
    total_amount    BIGINT NOT NULL CHECK (total_amount >= 0),
    currency        CHAR(3) NOT NULL DEFAULT 'IDR',
    -- [{"type": "ADT", "title": "mr", "given_name": …, "family_name": …, "private": {"enc": …}}]
    passengers      JSONB NOT NULL,
    -- [{"flight_code": "GA871", "src": "CGK", "dst": "NRT", "dep_time": …}]
    flight_segments JSONB NOT NULL,
    -- {"email": …, "phone": …}
    contact_details JSONB NOT NULL,
    version         INT NOT NULL DEFAULT 1,
    created_at      TIMESTAMPTZ NOT NULL DEFAULT now(),
    updated_at      TIMESTAMPTZ NOT NULL DEFAULT now(),
    -- No foreign key: a key may be taken away, its bookings stay.
    api_key_id      UUID NOT NULL,
    pay_by          TIMESTAMPTZ NOT NULL,
    paid_at         TIMESTAMPTZ,
    -- Why a person must look, while the status says so.
    attention       TEXT
);

CREATE INDEX idx_bookings_user_id ON bookings (user_id, created_at DESC, id DESC);
CREATE INDEX idx_bookings_status ON bookings (status);
CREATE INDEX idx_bookings_unpaid ON bookings (pay_by) WHERE status IN ('INIT', 'PENDING_PAYMENT');

-- The same table as `interline_domain::booking::MOVES`; a test holds the two together.
CREATE TABLE booking_moves (
    from_status VARCHAR(50) NOT NULL,
    to_status   VARCHAR(50) NOT NULL,
    PRIMARY KEY (from_status, to_status)
);

INSERT INTO booking_moves (from_status, to_status) VALUES
    ('INIT', 'PENDING_PAYMENT'),
    ('INIT', 'EXPIRED'),
    ('INIT', 'CANCELLED'),
    ('INIT', 'PENDING_TICKET'),
    ('INIT', 'NEEDS_ATTENTION'),
    ('PENDING_PAYMENT', 'PAID'),
    ('PENDING_PAYMENT', 'PENDING_TICKET'),
    ('PENDING_PAYMENT', 'EXPIRED'),
    ('PENDING_PAYMENT', 'CANCELLED'),
    ('PENDING_PAYMENT', 'NEEDS_ATTENTION'),
    ('PAID', 'PENDING_TICKET'),
    ('PAID', 'REFUND_PENDING'),
    ('PENDING_TICKET', 'TICKETED'),
    ('PENDING_TICKET', 'NEEDS_ATTENTION'),
    ('PENDING_TICKET', 'REFUND_PENDING'),
    ('NEEDS_ATTENTION', 'TICKETED'),
    ('NEEDS_ATTENTION', 'PENDING_TICKET'),
    ('NEEDS_ATTENTION', 'REFUND_PENDING'),
    ('NEEDS_ATTENTION', 'REFUNDED'),
    ('NEEDS_ATTENTION', 'CANCELLED'),
    ('NEEDS_ATTENTION', 'CANCEL_PENDING'),
    ('TICKETED', 'CANCEL_PENDING'),
    ('CANCEL_PENDING', 'REFUND_PENDING'),
    ('CANCEL_PENDING', 'CANCELLED'),
    ('CANCEL_PENDING', 'TICKETED'),
    ('CANCEL_PENDING', 'NEEDS_ATTENTION'),
    ('REFUND_PENDING', 'REFUNDED'),
    ('REFUND_PENDING', 'NEEDS_ATTENTION'),
    ('REFUND_PENDING', 'CANCELLED'),
    ('EXPIRED', 'REFUND_PENDING'),
    ('EXPIRED', 'NEEDS_ATTENTION'),
    ('CANCELLED', 'REFUND_PENDING'),
    ('CANCELLED', 'NEEDS_ATTENTION'),
    ('REFUNDED', 'REFUND_PENDING'),
    ('REFUNDED', 'NEEDS_ATTENTION');

-- What happened to a booking, for streams of events. Written by the trigger alone, under the booking's row lock: within
-- a booking ids grow in the order of the commits.
CREATE TABLE booking_events (
    id         BIGSERIAL PRIMARY KEY,
    booking_id UUID NOT NULL REFERENCES bookings (id),
    status     VARCHAR(50) NOT NULL,
    version    INT NOT NULL,
    created_at TIMESTAMPTZ NOT NULL DEFAULT now()
);

CREATE INDEX idx_booking_events_booking ON booking_events (booking_id, id);

CREATE FUNCTION guard_booking() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF TG_OP = 'INSERT' THEN
        IF NEW.status <> 'INIT' OR NEW.version <> 1 THEN
            RAISE EXCEPTION 'a booking begins as INIT, version 1' USING ERRCODE = 'check_violation', CONSTRAINT = 'booking_begins';
        END IF;
        RETURN NEW;
    END IF;
    IF NEW.version <> OLD.version + 1 THEN
        RAISE EXCEPTION 'an update of a booking makes its version grow by one' USING ERRCODE = 'check_violation', CONSTRAINT = 'booking_version';
    END IF;
    IF NEW.status <> OLD.status
       AND NOT EXISTS (SELECT FROM booking_moves WHERE from_status = OLD.status AND to_status = NEW.status) THEN
        RAISE EXCEPTION 'a booking does not go from % to %', OLD.status, NEW.status USING ERRCODE = 'check_violation', CONSTRAINT = 'booking_move';
    END IF;
    IF NEW.status <> 'NEEDS_ATTENTION' THEN
        NEW.attention := NULL;
    END IF;
    NEW.updated_at := now();
    RETURN NEW;
END
$$;

CREATE TRIGGER guard_booking BEFORE INSERT OR UPDATE ON bookings FOR EACH ROW EXECUTE FUNCTION guard_booking();

CREATE FUNCTION tell_booking() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
    event BIGINT;
BEGIN
    IF TG_OP = 'INSERT' OR NEW.status <> OLD.status THEN
        INSERT INTO booking_events (booking_id, status, version) VALUES (NEW.id, NEW.status, NEW.version)
        RETURNING id INTO event;
        PERFORM pg_notify('booking_events', NEW.id::text || ':' || event::text);
    END IF;
    RETURN NULL;
END
$$;

CREATE TRIGGER tell_booking AFTER INSERT OR UPDATE ON bookings FOR EACH ROW EXECUTE FUNCTION tell_booking();

-- A key for each booking, wrapped with a master key. Erasing a traveller destroys it, and with it whatever it encrypted.
CREATE TABLE booking_keys (
    -- Deferred: a booking is stored sealed with its key.
    booking_id   UUID PRIMARY KEY REFERENCES bookings (id) DEFERRABLE INITIALLY DEFERRED,
    master_key   TEXT NOT NULL,
    wrapped      BYTEA,
    destroyed_at TIMESTAMPTZ,
    CHECK ((wrapped IS NULL) = (destroyed_at IS NOT NULL))
);
