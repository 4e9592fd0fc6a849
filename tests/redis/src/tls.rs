//! A server with TLS alone, and a user that may do what a node needs and no more.

use crate::server::Server;
use anyhow::Result;
use rcgen::{BasicConstraints, CertificateParams, CertifiedIssuer, IsCa, KeyPair};
use std::path::PathBuf;
use tempfile::TempDir;

/// Name of the user.
pub const USER: &str = "gateway";
/// Its password.
pub const PASSWORD: &str = "correct-horse";

/// As docs/operators.md gives it.
const RIGHTS: &str = "~flight:s:* ~{flight:s:* ~interline:* &interline:wake resetchannels &interline:wake +@connection \
                      +@read +@write +@scripting +publish +subscribe +time -@dangerous";

/// A server, and the authority that signed its certificate.
pub struct Secured {
    /// The server.
    pub server: Server,
    /// PEM file of the authority.
    pub ca: PathBuf,
    _files: TempDir,
}

impl Secured {
    /// Starts it.
    pub async fn start() -> Result<Self> {
        let files = TempDir::new()?;
        let path = |name: &str| files.path().join(name);
        let mut authority = CertificateParams::new(Vec::new())?;
        authority.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
        let authority = CertifiedIssuer::self_signed(authority, KeyPair::generate()?)?;
        let key = KeyPair::generate()?;
        let certificate = CertificateParams::new(vec!["127.0.0.1".into()])?.signed_by(&key, &authority)?;
        std::fs::write(path("ca.pem"), authority.pem())?;
        std::fs::write(path("server.pem"), certificate.pem())?;
        std::fs::write(path("server.key"), key.serialize_pem())?;
        let port = interline_ports::free()?;
        let lines = format!(
            "port 0\ntls-port {port}\ntls-cert-file {}\ntls-key-file {}\ntls-ca-cert-file {}\ntls-auth-clients no\n\
             user default off\nuser {USER} on >{PASSWORD} {RIGHTS}",
            path("server.pem").display(),
            path("server.key").display(),
            path("ca.pem").display(),
        );
        let server = Server::start_at(port, &lines, &[]).await?;
        Ok(Self { server, ca: path("ca.pem"), _files: files })
    }
}
