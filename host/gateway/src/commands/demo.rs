//! `interline demo`: an API key and a user's token to try things out with, kept in files.

use crate::cli::Demo;
use crate::config::Config;
use crate::keys::{KeyRecord, KeyTable};
use crate::wiring;
use anyhow::{Context, Result};
use interline_api::auth::key::{KeySource, Market, SCOPES, Secret, UserTokens};
use jsonwebtoken::jwk::{Jwk, JwkSet};
use jsonwebtoken::{Algorithm, EncodingKey, Header, encode};
use serde_json::json;
use sha2::{Digest, Sha256};
use std::io::Write;
use std::os::unix::fs::OpenOptionsExt;
use std::path::{Path, PathBuf};
use uuid::Uuid;

const ISSUER: &str = "https://demo.interline.example";
const AUDIENCE: &str = "interline";
const KEY_ID: &str = "demo";
const TOKEN_DAYS: i64 = 90;
/// What stands before the 32 bytes of an Ed25519 key in PKCS #8 (RFC 8410, 7).
const PKCS8_ED25519: &str = "302e020100300506032b657004220420";

/// Makes what is missing, keeps what is there, and renews the token.
pub async fn run(config: &Config, files: &Demo) -> Result<()> {
    let table = KeyTable(wiring::database(config).await?);
    let kept = read(&files.api_key_file)?.and_then(|text| Secret::parse(text.trim()));
    let secret = kept.unwrap_or_else(Secret::generate);
    let seed = seed(&beside(&files.user_token_file))?;
    let signer = signer(&seed)?;
    let rate_plan = if config.api.rate_plans.contains_key("demo") { "demo" } else { "standard" };
    let record = KeyRecord {
        name: "demo".to_owned(),
        scopes: SCOPES.to_vec(),
        rate_plan: rate_plan.to_owned(),
        market: Market {
            point_of_sale: "ID".to_owned(),
            channel: "web".to_owned(),
            customer_segment: "retail".to_owned(),
            currency: "USD".parse()?,
            credential_set: "main".to_owned(),
        },
        users: Some(users(keys(&signer)?)),
    };
    table.keep(&secret, &record).await?;
    write(&files.api_key_file, secret.reveal())?;
    write(&files.user_token_file, &token(&signer, user(&seed))?)?;
    println!("API key: {}", files.api_key_file.display());
    println!("user token: {} (good for {TOKEN_DAYS} days)", files.user_token_file.display());
    Ok(())
}

fn beside(file: &Path) -> PathBuf {
    let mut name = file.as_os_str().to_owned();
    name.push(".key");
    name.into()
}

/// The key that signs the user's token: 32 random bytes, kept.
fn seed(file: &Path) -> Result<[u8; 32]> {
    let kept = read(file)?.and_then(|text| hex::decode(text.trim()).ok()).and_then(|bytes| bytes.try_into().ok());
    if let Some(seed) = kept {
        return Ok(seed);
    }
    let seed: [u8; 32] = rand::random();
    write(file, &hex::encode(seed))?;
    Ok(seed)
}

fn signer(seed: &[u8; 32]) -> Result<EncodingKey> {
    let mut der = hex::decode(PKCS8_ED25519)?;
    der.extend(seed);
    Ok(EncodingKey::from_ed_der(&der))
}

fn keys(signer: &EncodingKey) -> Result<JwkSet> {
    let mut jwk = Jwk::from_encoding_key(signer, Algorithm::EdDSA)?;
    jwk.common.key_id = Some(KEY_ID.to_owned());
    Ok(JwkSet { keys: vec![jwk] })
}

fn users(keys: JwkSet) -> UserTokens {
    UserTokens { issuer: ISSUER.to_owned(), audience: AUDIENCE.to_owned(), keys: KeySource::Set(keys) }
}

/// The same user as long as the key is kept.
fn user(seed: &[u8; 32]) -> Uuid {
    let digest: [u8; 32] = Sha256::new().chain_update("interline demo user").chain_update(seed).finalize().into();
    let mut bytes = [0; 16];
    bytes.copy_from_slice(&digest[..16]);
    uuid::Builder::from_random_bytes(bytes).into_uuid()
}

fn token(signer: &EncodingKey, user: Uuid) -> Result<String> {
    let now = jiff::Timestamp::now().as_second();
    let header = Header { kid: Some(KEY_ID.to_owned()), ..Header::new(Algorithm::EdDSA) };
    let claims = json!({
        "iss": ISSUER, "aud": AUDIENCE, "sub": user, "iat": now, "nbf": now, "exp": now + TOKEN_DAYS * 24 * 3600,
    });
    Ok(encode(&header, &claims, signer)?)
}

fn read(file: &Path) -> Result<Option<String>> {
    match std::fs::read_to_string(file) {
        Ok(text) => Ok(Some(text)),
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => Ok(None),
        Err(error) => Err(error).with_context(|| format!("{} can't be read", file.display())),
    }
}

/// Writes a file that its owner alone can read.
fn write(file: &Path, text: &str) -> Result<()> {
    let written = || -> std::io::Result<()> {
        if let Some(folder) = file.parent() {
            std::fs::create_dir_all(folder)?;
        }
        let mut options = std::fs::OpenOptions::new();
        let mut file = options.write(true).create(true).truncate(true).mode(0o600).open(file)?;
        writeln!(file, "{text}")
    };
    written().with_context(|| format!("{} can't be written", file.display()))
}

#[cfg(test)]
mod tests {
    use super::*;
    use interline_api::auth::user::verify;

    #[test]
    fn the_demo_users_token_is_one_that_the_gateway_takes() {
        let seed = [7; 32];
        let signer = signer(&seed).unwrap();
        let token = token(&signer, user(&seed)).unwrap();
        let keys = keys(&signer).unwrap();
        assert_eq!(verify(&token, &users(keys.clone()), &keys), Ok(user(&seed)));
    }

    #[test]
    fn what_is_kept_is_read_again_and_nobody_elses_business() {
        use std::os::unix::fs::PermissionsExt;
        let folder = tempfile::tempdir().unwrap();
        let file = folder.path().join("new/user-token");
        let first = seed(&beside(&file)).unwrap();
        assert_eq!(seed(&beside(&file)).unwrap(), first);
        let mode = std::fs::metadata(beside(&file)).unwrap().permissions().mode();
        assert_eq!(mode & 0o777, 0o600);
    }
}
