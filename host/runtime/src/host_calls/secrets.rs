//! Secrets by name: placeholders, signatures, digests.

use crate::call::CallState;
use crate::contract::host::secrets::{Form, Hash, Host, Part, SecretError};
use crate::secrets;
use hmac::{Hmac, KeyInit, Mac};
use sha2::{Digest, Sha256, Sha512};
use subtle::ConstantTimeEq;

impl CallState {
    fn secret(&self, name: &str) -> Result<&[u8], SecretError> {
        self.given.secrets.value(name).ok_or_else(|| SecretError::NotGranted(name.to_owned()))
    }

    fn mac(&self, key: &str, hash: Hash, message: &[u8]) -> Result<Vec<u8>, SecretError> {
        let refused = |_| SecretError::NotGranted(key.to_owned());
        let key_bytes = self.secret(key)?;
        Ok(match hash {
            Hash::Sha256 => {
                let mac = Hmac::<Sha256>::new_from_slice(key_bytes).map_err(refused)?;
                mac.chain_update(message).finalize().into_bytes().to_vec()
            }
            Hash::Sha512 => {
                let mac = Hmac::<Sha512>::new_from_slice(key_bytes).map_err(refused)?;
                mac.chain_update(message).finalize().into_bytes().to_vec()
            }
        })
    }
}

impl Host for CallState {
    fn placeholder(&mut self, name: String, form: Form) -> Result<String, SecretError> {
        let form = match form {
            Form::Plain => secrets::Form::Plain,
            Form::Base64 => secrets::Form::Base64,
        };
        self.egress.secrets().placeholder(&name, form).ok_or(SecretError::NotGranted(name))
    }

    fn hmac(&mut self, key: String, hash: Hash, message: Vec<u8>) -> Result<Vec<u8>, SecretError> {
        self.mac(&key, hash, &message)
    }

    fn verify_hmac(&mut self, key: String, hash: Hash, message: Vec<u8>, mac: Vec<u8>) -> Result<bool, SecretError> {
        Ok(self.mac(&key, hash, &message)?.ct_eq(&mac).into())
    }

    fn digest(&mut self, hash: Hash, parts: Vec<Part>) -> Result<Vec<u8>, SecretError> {
        let mut bytes = Vec::new();
        for part in &parts {
            match part {
                Part::Bytes(part) => bytes.extend_from_slice(part),
                Part::Secret(name) => bytes.extend_from_slice(self.secret(name)?),
            }
        }
        Ok(match hash {
            Hash::Sha256 => Sha256::digest(&bytes).to_vec(),
            Hash::Sha512 => Sha512::digest(&bytes).to_vec(),
        })
    }
}
