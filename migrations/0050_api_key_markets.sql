-- What a frontend's searches and prices are made for, and how people tell its keys apart.

ALTER TABLE api_keys
    ADD COLUMN key_hint         TEXT NOT NULL DEFAULT '',
    ADD COLUMN customer_segment TEXT NOT NULL DEFAULT 'retail',
    ADD COLUMN currency         CHAR(3) NOT NULL DEFAULT 'EUR',
    ADD COLUMN credential_set   TEXT NOT NULL DEFAULT 'main';
