-- What components keep between calls, shared by all nodes. Any of it may be lost at any time: that is why the table is
-- unlogged, and empty after a crash of the server.

CREATE SEQUENCE component_state_revisions;

CREATE UNLOGGED TABLE component_state (
    -- Component and credential set.
    scope      TEXT NOT NULL,
    key        TEXT NOT NULL,
    -- Encrypted by the gateway.
    value      BYTEA NOT NULL,
    -- Of one sequence for all: an entry deleted and written anew never comes back under an old revision.
    revision   BIGINT NOT NULL,
    expires_at TIMESTAMPTZ NOT NULL,
    PRIMARY KEY (scope, key)
);

CREATE INDEX idx_component_state_expires_at ON component_state (expires_at);
