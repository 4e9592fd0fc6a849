//! The topics, made if they are not there.

use super::config::KafkaConfig;
use super::context::Logged;
use rdkafka::admin::{AdminClient, AdminOptions, NewTopic, TopicReplication};
use rdkafka::error::{KafkaError, RDKafkaErrorCode};
use std::sync::Arc;
use std::time::Duration;

const PATIENCE: Duration = Duration::from_secs(10);
/// On a thread of its own that nobody can interrupt: not for long.
const LOOK: Duration = Duration::from_secs(3);
/// An announcement of a day ago has long been followed by others: its job's row is announced until it is done.
const JOBS_KEPT: &str = "86400000";
/// As long as PostgreSQL keeps what is done.
const DEAD_KEPT: &str = "604800000";

/// Makes what is missing. Who may not make topics needs them made by somebody else.
pub(crate) async fn make(config: &KafkaConfig) -> Result<(), KafkaError> {
    let admin: Arc<AdminClient<Logged>> = Arc::new(config.client().create_with_context(Logged)?);
    let (jobs, dead) = (config.jobs_topic(), config.dead_topic());
    let there = existing(admin.clone()).await?;
    let missing = [(&jobs, JOBS_KEPT), (&dead, DEAD_KEPT)].into_iter().filter(|(name, _)| !there.contains(name));
    let missing: Vec<_> = missing
        .map(|(name, kept)| {
            let replication = TopicReplication::Fixed(config.replication.unwrap_or(-1));
            NewTopic::new(name, config.partitions, replication).set("retention.ms", kept)
        })
        .collect();
    if missing.is_empty() {
        return Ok(());
    }
    let options = AdminOptions::new().request_timeout(Some(PATIENCE)).operation_timeout(Some(PATIENCE));
    for made in admin.create_topics(&missing, &options).await? {
        match made {
            Ok(topic) => tracing::info!(topic, "made a Kafka topic"),
            // Another worker was faster.
            Err((_, RDKafkaErrorCode::TopicAlreadyExists)) => {}
            Err((topic, code)) => {
                tracing::warn!(topic, %code, "a topic is missing and cannot be made");
                return Err(KafkaError::AdminOp(code));
            }
        }
    }
    Ok(())
}

/// All topics that this client may see. To ask for one by its name could make it, with the brokers' own settings.
async fn existing(admin: Arc<AdminClient<Logged>>) -> Result<Vec<String>, KafkaError> {
    let asked = tokio::task::spawn_blocking(move || {
        let metadata = admin.inner().fetch_metadata(None, LOOK)?;
        Ok(metadata.topics().iter().map(|topic| topic.name().to_owned()).collect())
    });
    // The task ends early only with its runtime.
    asked.await.unwrap_or(Err(KafkaError::Canceled))
}

#[cfg(test)]
mod tests {
    use super::*;
    use interline_broker::Broker;
    use rcgen::generate_simple_self_signed;
    use std::path::Path;
    use std::time::Instant;

    #[tokio::test]
    async fn brokers_that_want_tls_and_a_user_hear_nobody_else() {
        let broker = Broker::start_secured("worker", "hunter2").await.unwrap();
        let folder = tempfile::tempdir().unwrap();
        let another = folder.path().join("another.pem");
        std::fs::write(&another, generate_simple_self_signed(["127.0.0.1".to_owned()]).unwrap().cert.pem()).unwrap();
        let trusting = |authority: &Path| format!(r#""ca": {authority:?}"#);
        let tls = trusting(&broker.authority().unwrap());
        let user = |password: &str, tls: &str| {
            format!(
                r#"{{ "kind": "sasl_tls", "tls": {{ {tls} }},
                    "sasl": {{ "mechanism": "scram_sha512", "username": "worker", "password": "{password}" }} }}"#
            )
        };
        let with = |security: &str| -> KafkaConfig {
            let address = broker.address();
            serde_json::from_str(&format!(r#"{{ "brokers": ["{address}"], "security": {security} }}"#)).unwrap()
        };
        let strangers = [
            ("a wrong password", user("guessed", &tls)),
            ("an authority that did not sign", user("hunter2", &trusting(&another))),
            ("no user", format!(r#"{{ "kind": "tls", {tls} }}"#)),
            ("no TLS", r#"{ "kind": "plaintext" }"#.to_owned()),
        ];
        // The first, so that the others are not refused for the broker's being slow.
        let begun = Instant::now();
        while let Err(error) = make(&with(&user("hunter2", &tls))).await {
            assert!(begun.elapsed() < Duration::from_secs(60), "{error}");
        }
        for (who, security) in strangers {
            assert!(make(&with(&security)).await.is_err(), "{who}");
        }
    }
}
