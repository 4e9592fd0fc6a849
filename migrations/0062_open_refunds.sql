-- Refunds under way are counted every few seconds, however many there ever were.

CREATE INDEX idx_refunds_open ON refunds (created_at) WHERE status IN ('requested', 'pending');
