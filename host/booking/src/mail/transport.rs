//! Where mail goes: to a server, or into a folder.

use crate::config::{MailConfig, MailTransport};
use crate::failure::Failure;
use lettre::message::Mailbox;
use lettre::{AsyncSmtpTransport, AsyncTransport, Message, Tokio1Executor};
use std::path::PathBuf;
use uuid::Uuid;

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
            MailTransport::Smtp { url } => {
                // Without the error's text: it may quote the password.
                let server = AsyncSmtpTransport::<Tokio1Executor>::from_url(url)
                    .map_err(|_| Failure::broken("the mail server's address cannot be read"))?;
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
    pub(super) async fn send(&self, message: &Message, kind: &str, booking: Uuid) -> Result<(), String> {
        match &self.transport {
            Transport::Smtp(server) => server.send(message.clone()).await.map(|_| ()).map_err(|error| {
                let code = error.status().map(|code| code.to_string());
                format!("the mail server refuses: {}", code.as_deref().unwrap_or("no answer"))
            }),
            Transport::Files(folder) => {
                let text = |error: std::io::Error| format!("the mail folder cannot be written: {error}");
                tokio::fs::create_dir_all(folder).await.map_err(text)?;
                let name = format!("{kind}.{booking}");
                let draft = folder.join(format!(".{name}.draft"));
                tokio::fs::write(&draft, message.formatted()).await.map_err(text)?;
                tokio::fs::rename(&draft, folder.join(format!("{name}.eml"))).await.map_err(text)
            }
        }
    }
}
