//! `interline key …`.

use crate::cli::{Key, NewKey};
use crate::config::Config;
use crate::keys::{KeyRecord, KeyTable};
use crate::wiring;
use anyhow::{Context, Result, bail};
use interline_api::auth::jwks;
use interline_api::auth::key::{KeySource, Market, SCOPES, Secret, UserTokens};
use interline_api::input::rules::is_country;
use jsonwebtoken::jwk::{AlgorithmParameters, JwkSet};
use std::path::Path;

/// Does what is told with keys.
pub async fn run(config: &Config, command: Key) -> Result<()> {
    let table = KeyTable(wiring::database(config).await?);
    match command {
        Key::Create(new) => {
            let record = record(config, *new).await?;
            let secret = Secret::generate();
            let id = table.keep(&secret, &record).await?;
            eprintln!("Made the API key {id}. It is shown this once:");
            println!("{}", secret.reveal());
        }
        Key::List { json } => {
            let keys = table.list().await?;
            if json {
                println!("{}", serde_json::to_string_pretty(&keys)?);
                return Ok(());
            }
            for key in keys {
                let state = if key.revoked { "revoked" } else { "good" };
                let users = match key.jwks_url.as_deref() {
                    Some(url) => url,
                    None if key.has_users => "users",
                    None => "no users",
                };
                let (scopes, market) = (key.scopes.join(","), key.point_of_sale);
                println!(
                    "{}  …{}  {:7}  {:20}  {scopes}  {}  {market}  {users}",
                    key.id, key.hint, state, key.name, key.rate_plan
                );
            }
        }
        Key::Revoke { id } => {
            if !table.revoke(id).await? {
                bail!("there is no API key {id} that is good");
            }
            println!("revoked; it stops working within 15 seconds");
        }
    }
    Ok(())
}

async fn record(config: &Config, new: NewKey) -> Result<KeyRecord> {
    if !config.api.rate_plans.contains_key(&new.rate_plan) {
        let known: Vec<_> = config.api.rate_plans.keys().map(String::as_str).collect();
        bail!("there is no rate plan `{}`; there are: {}", new.rate_plan, known.join(", "));
    }
    if !is_country(&new.point_of_sale) {
        bail!("`{}` is no country code of ISO 3166-1 alpha-2, like ID", new.point_of_sale);
    }
    let keys = match (new.jwks, new.jwks_url) {
        (Some(file), _) => Some(KeySource::Set(read(&file)?)),
        (None, Some(url)) => {
            // A wrong address is better found now than by the first user.
            jwks::probe(&url).await.with_context(|| format!("the JWKS at {url}"))?;
            Some(KeySource::Url(url))
        }
        (None, None) => None,
    };
    let users = match (keys, new.issuer, new.audience) {
        (Some(keys), Some(issuer), Some(audience)) => Some(UserTokens { issuer, audience, keys }),
        _ => None,
    };
    let market = Market {
        point_of_sale: new.point_of_sale,
        channel: new.channel,
        customer_segment: new.customer_segment,
        currency: new.currency.parse()?,
        credential_set: new.credential_set,
    };
    let scopes = if new.scopes.is_empty() { SCOPES.to_vec() } else { new.scopes };
    Ok(KeyRecord { name: new.name, scopes, rate_plan: new.rate_plan, market, users })
}

fn read(file: &Path) -> Result<JwkSet> {
    let text = std::fs::read_to_string(file).with_context(|| format!("{} can't be read", file.display()))?;
    let keys: JwkSet = serde_json::from_str(&text).with_context(|| format!("{} is no JWKS", file.display()))?;
    if keys.keys.iter().any(|key| matches!(key.algorithm, AlgorithmParameters::OctetKey(_))) {
        bail!("{} holds a secret key; a JWKS for verifying holds public keys alone", file.display());
    }
    if keys.keys.is_empty() {
        bail!("{} holds no key", file.display());
    }
    Ok(keys)
}
