use super::*;

fn parse(text: &str, environment: &[(&str, &str)]) -> Result<Config> {
    let environment = environment.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned())).collect();
    Config::parse(text, "interline.toml", &environment)
}

fn error(text: &str, environment: &[(&str, &str)]) -> String {
    format!("{:#}", parse(text, environment).unwrap_err())
}

#[test]
fn an_unknown_key_is_named_with_its_place() {
    let message = error("listen = \"127.0.0.1:1\"\n\n[api]\nmax_body = 3\n", &[]);
    for part in ["interline.toml", "line 4", "max_body"] {
        assert!(message.contains(part), "{message}");
    }
    assert!(error("[suppliers.duffel]\nhost = []\n", &[]).contains("host"));
    assert!(error("colour = 1\n", &[]).contains("colour"));
}

#[test]
fn the_environment_goes_before_the_file() {
    let config =
        parse("listen = \"127.0.0.1:1\"", &[("INTERLINE_LISTEN", "127.0.0.1:2"), ("DATABASE_URL", "postgres://x")]);
    let config = config.unwrap();
    assert_eq!(config.listen.port(), 2);
    assert_eq!(config.database_url().unwrap(), "postgres://x");
    let message = error("", &[("INTERLINE_LISTEN", "everywhere")]);
    assert!(message.contains("INTERLINE_LISTEN") && message.contains("127.0.0.1:8080"), "{message}");
}

#[test]
fn values_of_the_environment_stand_in_strings() {
    let text = "# ${NOT} looked at\n[rates]\nfile = \"${FOLDER:-/etc}/${NAME}\"\n";
    let file = |environment: &[(&str, &str)]| parse(text, environment).unwrap().rates.file.unwrap();
    assert_eq!(file(&[("NAME", "rates.toml")]), Path::new("/etc/rates.toml"));
    assert_eq!(file(&[("NAME", "a\"b\\c"), ("FOLDER", "/x")]), Path::new("/x/a\"b\\c"));
    assert!(error(text, &[]).contains("line 3") && error(text, &[]).contains("NAME"));
}

#[test]
fn nothing_secret_is_printed() {
    let text = "[database]\nurl = \"postgres://u:hunter2@h/d\"\n[offers]\nsigning_keys = [{ id = 1, hex = \"c0ffee\" }]\n\
                [suppliers.duffel.secrets]\naccess-token = \"hunter2\"\n";
    let shown = format!("{:?}", parse(text, &[]).unwrap());
    assert!(!shown.contains("hunter2") && !shown.contains("c0ffee"), "{shown}");
}

#[test]
fn the_queue_is_postgresql_or_kafka_and_its_keys_are_known() {
    let kafka = "[worker.queue]\nkind = \"kafka\"\nbrokers = [\"kafka-1:9092\"]\n\
                 security = { kind = \"sasl_tls\", sasl = { mechanism = \"plain\", username = \"u\", password = \"hunter2\" } }\n";
    let config = parse(kafka, &[]).unwrap();
    assert!(!format!("{config:?}").contains("hunter2"));
    assert!(!config.check().iter().any(|line| line.contains("[worker.queue]")), "{:?}", config.check());
    assert!(error(&kafka.replace("brokers", "broker"), &[]).contains("broker"));
    assert!(error("[worker]\nqueue = { kind = \"postgres\", brokers = [] }\n", &[]).contains("brokers"));
    let wrong = parse(&kafka.replace(":9092", ""), &[]).unwrap().check();
    assert!(wrong.iter().any(|line| line.contains("[worker.queue] brokers")), "{wrong:?}");
}

#[test]
fn a_check_names_all_that_is_missing() {
    let wrong = parse("[components]\npath = \"/nowhere\"\n", &[]).unwrap().check();
    for part in ["DATABASE_URL", "signing_keys", "[rates]", "master_keys", "/nowhere"] {
        assert!(wrong.iter().any(|line| line.contains(part)), "{part}: {wrong:?}");
    }
}

#[test]
fn the_configuration_for_development_is_whole() {
    let text = include_str!("../../interline.dev.toml");
    let mut config = parse(text, &[("DATABASE_URL", "postgres://x")]).unwrap();
    config.components.path = std::env::temp_dir();
    assert_eq!(config.check(), [""; 0]);
}

#[test]
fn redis_is_checked_with_the_rest() {
    let config = parse("[redis]\nmode = \"sentinel\"\nnodes = [\"redis-1\"]\npassword = \"hunter2\"\n", &[]).unwrap();
    let wrong = config.check();
    for part in ["[redis] service", "`redis-1` is not `host:port`"] {
        assert!(wrong.iter().any(|line| line.contains(part)), "{part}: {wrong:?}");
    }
    assert!(!format!("{config:?}").contains("hunter2"));
    assert!(error("[redis]\nmode = \"cluster\"\nnodes = []\nnode = 1\n", &[]).contains("node"));
}
