//! Where mail goes: to a server, or into a folder.

use crate::config::{MailConfig, MailTransport};
use crate::failure::Failure;
use lettre::message::Mailbox;
use lettre::transport::smtp::Error;
use lettre::transport::smtp::client::{Certificate, Tls, TlsParameters};
use lettre::transport::smtp::response::Category;
use lettre::{AsyncSmtpTransport, AsyncTransport, Message, Tokio1Executor};
use std::path::{Path, PathBuf};
use url::Url;
use uuid::Uuid;

/// Why a message did not leave, and whether another try can help.
pub(super) enum Unsent {
    Later(String),
    Never(String),
}

enum Transport {
    Files(PathBuf),
    Smtp(AsyncSmtpTransport<Tokio1Executor>),
}

/// Sends messages.
pub(crate) struct Mailer {
    from: Mailbox,
    domain: String,
    transport: Transport,
}

impl Mailer {
    /// Fails on a sender or a server address that can't be read.
    pub(crate) fn new(config: &MailConfig) -> Result<Self, Failure> {
        let from = config.from.parse().map_err(|_| Failure::broken("the sender of mail is not an address"))?;
        let transport = match &config.transport {
            MailTransport::Files { folder } => Transport::Files(folder.clone()),
            MailTransport::Smtp { url, ca_file } => {
                // Without the error's text: it may quote the password.
                let wrong = || Failure::broken("the mail server's address cannot be read");
                let mut server = AsyncSmtpTransport::<Tokio1Executor>::from_url(url).map_err(|_| wrong())?;
                if let Some(file) = ca_file {
                    server = server.tls(trusting(file, &url.parse().map_err(|_| wrong())?)?);
                }
                Transport::Smtp(server.build())
            }
        };
        Ok(Self { from, domain: config.domain.clone(), transport })
    }

    pub(super) fn from(&self) -> &Mailbox {
        &self.from
    }

    /// The same for the same kind and booking, for ever.
    pub(super) fn message_id(&self, kind: &str, booking: Uuid) -> String {
        format!("<{kind}.{booking}@{}>", self.domain)
    }

    /// Sends, or writes a file that a repeat overwrites.
    pub(super) async fn send(&self, message: &Message, kind: &str, booking: Uuid) -> Result<(), Unsent> {
        match &self.transport {
            Transport::Smtp(server) => server.send(message.clone()).await.map(drop).map_err(unsent),
            Transport::Files(folder) => {
                let text = |error: std::io::Error| Unsent::Later(format!("the mail folder cannot be written: {error}"));
                tokio::fs::create_dir_all(folder).await.map_err(text)?;
                let name = format!("{kind}.{booking}");
                let draft = folder.join(format!(".{name}.draft"));
                tokio::fs::write(&draft, message.formatted()).await.map_err(text)?;
                tokio::fs::rename(&draft, folder.join(format!("{name}.eml"))).await.map_err(text)
            }
        }
    }
}

/// What a server's answer means (RFC 5321, 4.2.1): 5yz is for good, unless it is about who we are (x3z, RFC 4954, 6),
/// which the operator will put right for all messages. By its code alone: its words may name the traveller.
fn unsent(error: Error) -> Unsent {
    let Some(code) = error.status() else {
        return Unsent::Later("the mail server does not answer, or its certificate is not trusted".to_owned());
    };
    let why = format!("the mail server refuses: {code}");
    if error.is_permanent() && code.category != Category::Unspecified3 {
        Unsent::Never(why)
    } else {
        Unsent::Later(why)
    }
}

/// TLS as the address asks for it, with one more authority.
fn trusting(file: &Path, url: &Url) -> Result<Tls, Failure> {
    let unusable = |_| Failure::broken(format!("{} holds no certificate of an authority", file.display()));
    let pem = std::fs::read(file).map_err(|error| Failure::broken(format!("{}: {error}", file.display())))?;
    let authority = Certificate::from_pem(&pem).map_err(unusable)?;
    let host = url.host_str().unwrap_or_default().to_owned();
    let parameters = TlsParameters::builder(host).add_root_certificate(authority).build().map_err(unusable)?;
    let asked = url.query_pairs().find(|(name, _)| name == "tls").map(|(_, how)| how);
    match (url.scheme(), asked.as_deref()) {
        ("smtps", _) => Ok(Tls::Wrapper(parameters)),
        (_, Some("required")) => Ok(Tls::Required(parameters)),
        (_, Some("opportunistic")) => Ok(Tls::Opportunistic(parameters)),
        _ => Err(Failure::broken("the mail server's address asks for no TLS, and `ca_file` is set")),
    }
}
