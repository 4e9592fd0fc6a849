use super::*;

fn parse(text: &str) -> Result<KafkaConfig, String> {
    serde_json::from_str(text).map_err(|error| error.to_string())
}

fn with_security(security: &str) -> KafkaConfig {
    parse(&format!(r#"{{ "brokers": ["127.0.0.1:1"], "security": {security} }}"#)).unwrap()
}

#[test]
fn brokers_alone_are_enough() {
    let config = parse(r#"{ "brokers": ["kafka-1:9092"] }"#).unwrap();
    assert_eq!((config.jobs_topic().as_str(), config.dead_topic().as_str()), ("interline.jobs", "interline.jobs.dead"));
    assert_eq!(config.check(), Ok(()));
    assert_eq!(config.consumer(true).get("group.instance.id"), None);
}

#[test]
fn what_can_be_told_to_be_wrong_without_a_broker_is_told() {
    let good = with_security(r#"{ "kind": "plaintext" }"#);
    for (wrong, key) in [
        (KafkaConfig { brokers: vec![], ..good.clone() }, "brokers"),
        (KafkaConfig { brokers: vec!["kafka".into()], ..good.clone() }, "brokers"),
        (KafkaConfig { topic_prefix: "a b".into(), ..good.clone() }, "topic_prefix"),
        (KafkaConfig { instance: Some(String::new()), ..good.clone() }, "instance"),
        (KafkaConfig { partitions: 0, ..good.clone() }, "partitions"),
        (KafkaConfig { session_seconds: 0, ..good.clone() }, "session_seconds"),
        (with_security(r#"{ "kind": "tls", "ca": "/nowhere/ca.pem" }"#), "ssl.ca.location"),
    ] {
        let told = wrong.check().unwrap_err();
        assert!(told.contains(key), "{key}: {told}");
    }
}

#[test]
fn unknown_keys_are_refused_wherever_they_stand() {
    for text in [
        r#"{ "brokers": ["a:1"], "broker": "a:1" }"#,
        r#"{ "brokers": ["a:1"], "security": { "kind": "tls", "cert": "x" } }"#,
        r#"{ "brokers": ["a:1"], "security": { "kind": "sasl_tls", "sasl": { "mechanism": "plain", "username": "u",
            "password": "p", "realm": "r" } } }"#,
        r#"{ "brokers": ["a:1"], "security": { "kind": "plaintext", "tls": {} } }"#,
        r#"{ "brokers": ["a:1"], "security": { "kind": "magic" } }"#,
    ] {
        assert!(parse(text).is_err(), "{text}");
    }
}

#[test]
fn the_client_that_is_linked_knows_tls_and_scram() {
    let sasl = r#""sasl": { "mechanism": "scram_sha512", "username": "worker", "password": "hunter2" }"#;
    let config = with_security(&format!(r#"{{ "kind": "sasl_tls", {sasl} }}"#));
    assert_eq!(config.check(), Ok(()));
    let client = config.client();
    assert_eq!(client.get("security.protocol"), Some("sasl_ssl"));
    assert_eq!(client.get("sasl.mechanism"), Some("SCRAM-SHA-512"));
    assert_eq!(client.get("ssl.endpoint.identification.algorithm"), Some("https"));
    assert!(!format!("{config:?} {client:?}").contains("hunter2"));
}

#[test]
fn the_producer_is_idempotent_and_the_consumer_commits_only_what_is_stored() {
    let config = KafkaConfig { instance: Some("worker-1".into()), ..with_security(r#"{ "kind": "plaintext" }"#) };
    let (producer, consumer) = (config.producer(), config.consumer(true));
    for (client, key, value) in [
        (&producer, "enable.idempotence", "true"),
        (&producer, "acks", "all"),
        (&consumer, "enable.auto.offset.store", "false"),
        (&consumer, "partition.assignment.strategy", "cooperative-sticky"),
        (&consumer, "group.instance.id", "worker-1"),
    ] {
        assert_eq!(client.get(key), Some(value), "{key}");
    }
    assert_eq!(config.consumer(false).get("group.instance.id"), None);
}
