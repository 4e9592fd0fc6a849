//! API keys in PostgreSQL.

use anyhow::{Context, Result};
use async_trait::async_trait;
use interline_api::auth::key::{ApiKey, KeyHash, KeySource, Market, Scope, Secret, UserTokens};
use interline_api::auth::store::{KeyStore, StoreError};
use jsonwebtoken::jwk::JwkSet;
use serde::Serialize;
use sqlx::PgPool;
use uuid::Uuid;

/// The table `api_keys`.
#[derive(Clone)]
pub struct KeyTable(pub PgPool);

/// A key to be kept.
#[derive(Debug, Clone)]
pub struct KeyRecord {
    /// For people.
    pub name: String,
    /// What it may do.
    pub scopes: Vec<Scope>,
    /// Rate plan.
    pub rate_plan: String,
    /// What it sells as.
    pub market: Market,
    /// Where its users come from.
    pub users: Option<UserTokens>,
}

/// A key as it is listed.
#[derive(Debug, Serialize)]
pub struct Listed {
    /// Id.
    pub id: Uuid,
    /// For people.
    pub name: String,
    /// Last characters of the key.
    pub hint: String,
    /// What it may do.
    pub scopes: Vec<String>,
    /// Rate plan.
    pub rate_plan: String,
    /// Country of sale.
    pub point_of_sale: String,
    /// Whether it has users.
    pub has_users: bool,
    /// Where their JWKS is fetched from; none: it was given with the key.
    pub jwks_url: Option<String>,
    /// No longer good.
    pub revoked: bool,
}

impl KeyTable {
    /// Keeps a key, or what is known of it anew; answers its id.
    pub async fn keep(&self, secret: &Secret, record: &KeyRecord) -> Result<Uuid> {
        let scopes: Vec<String> = record.scopes.iter().map(ToString::to_string).collect();
        let users = record.users.as_ref();
        let (jwks, jwks_url) = match users.map(|users| &users.keys) {
            Some(KeySource::Set(keys)) => (Some(serde_json::to_value(keys)?), None),
            Some(KeySource::Url(url)) => (None, Some(url.as_str())),
            None => (None, None),
        };
        let market = &record.market;
        let id = sqlx::query_scalar!(
            "INSERT INTO api_keys (name, key_hash, key_hint, scopes, rate_plan, point_of_sale, channel, customer_segment,
                                   currency, credential_set, jwks, issuer, audience, jwks_url)
             VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14)
             ON CONFLICT (key_hash) DO UPDATE SET
                 name = excluded.name, scopes = excluded.scopes, rate_plan = excluded.rate_plan,
                 point_of_sale = excluded.point_of_sale, channel = excluded.channel,
                 customer_segment = excluded.customer_segment, currency = excluded.currency,
                 credential_set = excluded.credential_set, jwks = excluded.jwks, issuer = excluded.issuer,
                 audience = excluded.audience, jwks_url = excluded.jwks_url
             RETURNING id",
            record.name,
            &secret.hash().0[..],
            secret.hint(),
            &scopes,
            record.rate_plan,
            market.point_of_sale,
            market.channel,
            market.customer_segment,
            market.currency.code(),
            market.credential_set,
            jwks,
            users.map(|users| users.issuer.as_str()),
            users.map(|users| users.audience.as_str()),
            jwks_url,
        );
        id.fetch_one(&self.0).await.context("the API key cannot be kept (has `interline migrate` been run?)")
    }

    /// All keys, oldest first.
    pub async fn list(&self) -> Result<Vec<Listed>> {
        let keys = sqlx::query_as!(
            Listed,
            r#"SELECT id, name, key_hint AS hint, scopes, rate_plan, point_of_sale, jwks_url,
                      (jwks IS NOT NULL OR jwks_url IS NOT NULL) AS "has_users!", disabled_at IS NOT NULL AS "revoked!"
               FROM api_keys ORDER BY created_at, id"#
        );
        Ok(keys.fetch_all(&self.0).await?)
    }

    /// Revokes a key; false if there is no such key, or it is revoked already.
    pub async fn revoke(&self, id: Uuid) -> Result<bool> {
        let done = sqlx::query!("UPDATE api_keys SET disabled_at = now() WHERE id = $1 AND disabled_at IS NULL", id);
        Ok(done.execute(&self.0).await?.rows_affected() == 1)
    }

    async fn read(&self, hash: &KeyHash) -> Result<Option<ApiKey>> {
        let row = sqlx::query!(
            "SELECT id, name, scopes, rate_plan, point_of_sale, channel, customer_segment, currency, credential_set, jwks,
                    jwks_url, issuer, audience
             FROM api_keys WHERE key_hash = $1 AND disabled_at IS NULL",
            &hash.0[..]
        );
        let Some(row) = row.fetch_optional(&self.0).await? else { return Ok(None) };
        let keys = match (row.jwks, row.jwks_url) {
            (Some(jwks), _) => {
                let keys: JwkSet = serde_json::from_value(jwks).context("the JWKS of an API key")?;
                Some(KeySource::Set(keys))
            }
            (None, Some(url)) => Some(KeySource::Url(url.parse().context("the JWKS URL of an API key")?)),
            (None, None) => None,
        };
        let users = match (keys, row.issuer, row.audience) {
            (Some(keys), Some(issuer), Some(audience)) => Some(UserTokens { issuer, audience, keys }),
            _ => None,
        };
        let market = Market {
            point_of_sale: row.point_of_sale,
            channel: row.channel,
            customer_segment: row.customer_segment,
            currency: row.currency.parse().context("the currency of an API key")?,
            credential_set: row.credential_set,
        };
        // A scope that this version does not know is one that it does not grant.
        let scopes = row.scopes.iter().filter_map(|scope| scope.parse().ok()).collect();
        Ok(Some(ApiKey { id: row.id, name: row.name, scopes, rate_plan: row.rate_plan, market, users }))
    }
}

#[async_trait]
impl KeyStore for KeyTable {
    async fn find(&self, hash: &KeyHash) -> Result<Option<ApiKey>, StoreError> {
        self.read(hash).await.map_err(|error| StoreError(format!("{error:#}")))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use url::Url;

    fn record(jwks: &str) -> KeyRecord {
        let market = Market {
            point_of_sale: "ID".into(),
            channel: "web".into(),
            customer_segment: "retail".into(),
            currency: "IDR".parse().unwrap(),
            credential_set: "main".into(),
        };
        let users = UserTokens {
            issuer: "https://shop.example".into(),
            audience: "interline".into(),
            keys: KeySource::Set(serde_json::from_str(jwks).unwrap()),
        };
        let scopes = vec![Scope::Search, Scope::Book];
        KeyRecord { name: "shop".into(), scopes, rate_plan: "standard".into(), market, users: Some(users) }
    }

    const JWKS: &str =
        r#"{"keys":[{"kty":"OKP","crv":"Ed25519","kid":"one","x":"11qYAYKxCrfVS_7TyWQHOg7hcvPapiMlrwIaaPcHURo"}]}"#;

    #[sqlx::test(migrator = "interline_booking::MIGRATOR")]
    async fn a_key_is_found_by_its_hash_until_it_is_revoked(pool: PgPool) {
        let table = KeyTable(pool);
        let secret = Secret::generate();
        let id = table.keep(&secret, &record(JWKS)).await.unwrap();
        let found = table.find(&secret.hash()).await.unwrap().unwrap();
        assert_eq!((found.id, found.market, found.scopes), (id, record(JWKS).market, record(JWKS).scopes));
        let KeySource::Set(keys) = found.users.unwrap().keys else { panic!() };
        assert_eq!(keys.keys[0].common.key_id.as_deref(), Some("one"));
        assert!(table.find(&Secret::generate().hash()).await.unwrap().is_none());
        assert!(table.revoke(id).await.unwrap());
        assert!(table.find(&secret.hash()).await.unwrap().is_none());
        assert!(!table.revoke(id).await.unwrap());
    }

    #[sqlx::test(migrator = "interline_booking::MIGRATOR")]
    async fn keeping_a_key_again_changes_what_is_known_of_it_and_not_its_id(pool: PgPool) {
        let table = KeyTable(pool);
        let secret = Secret::generate();
        let id = table.keep(&secret, &record(JWKS)).await.unwrap();
        let url: Url = "https://shop.example/jwks".parse().unwrap();
        let users = record(JWKS).users.map(|users| UserTokens { keys: KeySource::Url(url.clone()), ..users });
        table.keep(&secret, &KeyRecord { users, ..record(JWKS) }).await.unwrap();
        let KeySource::Url(kept) = table.find(&secret.hash()).await.unwrap().unwrap().users.unwrap().keys else {
            panic!()
        };
        assert_eq!(kept, url);
        assert!(table.list().await.unwrap()[0].has_users);
        let other = KeyRecord { name: "kiosk".into(), users: None, ..record(JWKS) };
        assert_eq!(table.keep(&secret, &other).await.unwrap(), id);
        let listed = table.list().await.unwrap();
        assert_eq!(listed.len(), 1);
        assert_eq!((listed[0].name.as_str(), listed[0].hint.as_str()), ("kiosk", secret.hint()));
        assert!(!listed[0].has_users && !listed[0].revoked);
    }
}
