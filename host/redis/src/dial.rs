//! How a connection is made, whatever kind of Redis it is.

use crate::config::{Mode, RedisConfig, Tls};
use redis::aio::{ConnectionLike, MultiplexedConnection, PubSub};
use redis::cluster::ClusterClient;
use redis::cluster_async::ClusterConnection;
use redis::sentinel::{SentinelClient, SentinelClientBuilder, SentinelServerType};
use redis::{
    AsyncConnectionConfig, Client, ClientTlsConfig, Cmd, ConnectionAddr, ConnectionInfo, IntoConnectionInfo,
    RedisConnectionInfo, RedisResult, TlsCertificates, TlsMode, Value,
};
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicUsize, Ordering};

/// Why no connection can ever be made.
#[derive(Debug, thiserror::Error)]
pub enum ConfigError {
    /// Not an address.
    #[error("nodes: `{0}` is not `host:port`")]
    Node(String),
    /// A file of the section `tls`.
    #[error("tls: {0} can't be read: {1}")]
    File(PathBuf, std::io::Error),
    /// One of two.
    #[error("tls: `certificate` and `key` go together")]
    HalfCertificate,
    /// What the client library says.
    #[error("{0}")]
    Client(#[from] redis::RedisError),
}

/// A connection that many can use at once. Cheap to clone.
#[derive(Clone)]
pub enum Connection {
    One(MultiplexedConnection),
    Cluster(ClusterConnection),
}

impl Connection {
    pub async fn send(&self, command: &Cmd) -> RedisResult<Value> {
        match self.clone() {
            Self::One(mut connection) => connection.req_packed_command(command).await,
            Self::Cluster(mut connection) => connection.req_packed_command(command).await,
        }
    }
}

/// Makes connections.
pub struct Dialer {
    config: RedisConfig,
    nodes: Vec<ConnectionAddr>,
    certificates: Option<TlsCertificates>,
    /// The next node to listen at.
    turn: AtomicUsize,
}

impl Dialer {
    /// Reads the files that the configuration names.
    pub fn new(config: &RedisConfig) -> Result<Self, ConfigError> {
        let certificates = config.tls.as_ref().map(certificates).transpose()?;
        let address = |node: &String| {
            let (host, port) = node.rsplit_once(':').ok_or_else(|| ConfigError::Node(node.clone()))?;
            let port = port.parse().map_err(|_| ConfigError::Node(node.clone()))?;
            let host = host.trim_start_matches('[').trim_end_matches(']').to_owned();
            Ok(match certificates {
                Some(_) => ConnectionAddr::TcpTls { host, port, insecure: false, tls_params: None },
                None => ConnectionAddr::Tcp(host, port),
            })
        };
        let nodes = config.nodes.iter().map(address).collect::<Result<Vec<_>, ConfigError>>()?;
        let dialer = Self {
            config: config.clone(),
            nodes,
            certificates,
            turn: AtomicUsize::new(usize::from(rand::random::<u16>())),
        };
        // Certificates are looked into now, and not first when a connection is needed.
        if let Some(node) = dialer.nodes.first() {
            dialer.client(node)?;
        }
        Ok(dialer)
    }

    pub fn is_cluster(&self) -> bool {
        self.config.mode == Mode::Cluster
    }

    /// A new connection, with what is true of the servers now: who is master, who has which slots.
    pub async fn connect(&self) -> RedisResult<Connection> {
        if self.is_cluster() {
            return Ok(Connection::Cluster(self.cluster()?.get_async_connection().await?));
        }
        let patience = AsyncConnectionConfig::new()
            .set_connection_timeout(Some(self.config.connect_timeout()))
            .set_response_timeout(Some(self.config.connect_timeout()));
        let client = self.master().await?;
        Ok(Connection::One(client.get_multiplexed_async_connection_with_config(&patience).await?))
    }

    /// A connection to hear messages by. Any node of a cluster hears those of all; another one each time.
    pub async fn listen(&self) -> RedisResult<PubSub> {
        self.master().await?.get_async_pubsub().await
    }

    async fn master(&self) -> RedisResult<Client> {
        if self.config.mode == Mode::Sentinel {
            return self.sentinel()?.async_get_client().await;
        }
        let turn = self.turn.fetch_add(1, Ordering::Relaxed) % self.nodes.len().max(1);
        let none = || redis::RedisError::from((redis::ErrorKind::InvalidClientConfig, "no nodes"));
        self.client(self.nodes.get(turn).ok_or_else(none)?)
    }

    fn client(&self, node: &ConnectionAddr) -> RedisResult<Client> {
        let info = self.info(node)?;
        match &self.certificates {
            Some(certificates) => Client::build_with_tls(info, certificates.clone()),
            None => Client::open(info),
        }
    }

    fn info(&self, node: &ConnectionAddr) -> RedisResult<ConnectionInfo> {
        let mut redis = RedisConnectionInfo::default().set_db(self.config.database);
        if let Some(user) = &self.config.user {
            redis = redis.set_username(user);
        }
        if let Some(password) = &self.config.password {
            redis = redis.set_password(password);
        }
        Ok(node.clone().into_connection_info()?.set_redis_settings(redis))
    }

    fn cluster(&self) -> RedisResult<ClusterClient> {
        let nodes = self.nodes.iter().map(|node| self.info(node)).collect::<RedisResult<Vec<_>>>()?;
        // Within the time of one command, which is the caller's to measure: a moved slot is asked for at once at its new node;
        // all else is the caller's too.
        let mut builder = ClusterClient::builder(nodes)
            .connection_timeout(self.config.connect_timeout())
            .response_timeout(self.config.connect_timeout())
            .overall_response_timeout(None)
            .retries(3)
            .min_retry_wait(5)
            .max_retry_wait(50);
        if let Some(certificates) = &self.certificates {
            builder = builder.tls(TlsMode::Secure).certs(certificates.clone());
        }
        builder.build()
    }

    fn sentinel(&self) -> RedisResult<SentinelClient> {
        let service = self.config.service.as_deref().unwrap_or_default();
        let mut builder = SentinelClientBuilder::new(self.nodes.clone(), service, SentinelServerType::Master)?
            .set_client_to_redis_db(self.config.database);
        if let Some(user) = &self.config.user {
            builder = builder.set_client_to_redis_username(user);
        }
        if let Some(password) = &self.config.password {
            builder = builder.set_client_to_redis_password(password);
        }
        if let Some(user) = &self.config.sentinel_user {
            builder = builder.set_client_to_sentinel_username(user);
        }
        if let Some(password) = &self.config.sentinel_password {
            builder = builder.set_client_to_sentinel_password(password);
        }
        if let Some(certificates) = &self.certificates {
            builder = builder
                .set_client_to_redis_tls_mode(TlsMode::Secure)
                .set_client_to_redis_certificates(certificates.clone())
                .set_client_to_sentinel_tls_mode(TlsMode::Secure)
                .set_client_to_sentinel_certificates(certificates.clone());
        }
        builder.build()
    }
}

fn certificates(tls: &Tls) -> Result<TlsCertificates, ConfigError> {
    let read = |path: &Path| std::fs::read(path).map_err(|error| ConfigError::File(path.to_owned(), error));
    let client_tls = match (&tls.certificate, &tls.key) {
        (Some(certificate), Some(key)) => {
            Some(ClientTlsConfig { client_cert: read(certificate)?, client_key: read(key)? })
        }
        (None, None) => None,
        _ => return Err(ConfigError::HalfCertificate),
    };
    Ok(TlsCertificates { client_tls, root_cert: tls.ca.as_deref().map(read).transpose()? })
}
