-- Where the JWKS of a frontend's users is fetched from, in place of one that is kept here.

ALTER TABLE api_keys
    ADD COLUMN jwks_url TEXT,
    ADD CONSTRAINT one_jwks CHECK (jwks IS NULL OR jwks_url IS NULL);
