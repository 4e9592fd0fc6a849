//! Brokers that speak TLS alone, and with users alone.

use super::Streets;
use crate::supplier::Call;
use crate::world::World;
use interline_booking::{KafkaSasl, KafkaSecurity, KafkaTls, MIGRATOR, SaslMechanism};
use interline_broker::Broker;
use sqlx::PgPool;

#[sqlx::test(migrator = "MIGRATOR")]
async fn jobs_travel_over_tls_for_a_user_who_proves_himself_by_scram(pool: PgPool) {
    let (username, password) = ("worker".to_owned(), r#"of "signs", too"#.to_owned());
    let broker = Broker::start_secured(&username, &password).await.unwrap();
    let tls = KafkaTls { ca: broker.authority(), ..KafkaTls::default() };
    let sasl = KafkaSasl { mechanism: SaslMechanism::ScramSha512, username, password };
    let streets = Streets::through(World::new(pool).await, broker, KafkaSecurity::SaslTls { sasl, tls });
    let bookings = streets.pay(6).await;
    let worker = streets.start(Some("worker"));
    streets.all_ticketed(&bookings).await;
    assert_eq!(streets.world.supplier.count(Call::Create), 6);
    worker.stop().await;
}
