//! Mail through a server that wants STARTTLS and AUTH.

use crate::mail_server::MailServer;
use crate::world::World;
use interline_booking::{MIGRATOR, MailConfig, MailTransport, Worker, WorkerConfig};
use interline_domain::booking::Status;
use sqlx::PgPool;
use std::path::PathBuf;

const PASSWORD: &str = "correct%20horse";

fn worker(world: &World, server: &MailServer, password: &str, ca: Option<PathBuf>) -> Worker {
    let url = format!("smtp://tickets:{password}@localhost:{}?tls=required", server.port);
    let mail = MailConfig { transport: MailTransport::Smtp { url, ca_file: ca }, ..MailConfig::default() };
    Worker::new(world.service.clone(), WorkerConfig { mail, ..WorkerConfig::default() }).unwrap()
}

fn trusting(world: &World, server: &MailServer) -> Worker {
    worker(world, server, PASSWORD, Some(server.certificate.clone()))
}

/// Works for as many rounds, in each of which everything is due that waits.
async fn rounds(world: &World, worker: &Worker, rounds: usize) {
    for _ in 0..rounds {
        world.time_passes().await;
        while worker.drain().await.unwrap() > 0 {}
    }
}

/// State and last error of the mail job.
async fn mail_job(world: &World) -> (String, Option<String>) {
    let jobs = world.jobs().await;
    let mut mail = jobs.into_iter().filter(|(kind, ..)| kind == "mail");
    let (_, state, _, error) = mail.next().expect("a mail job");
    assert!(mail.next().is_none(), "one mail job");
    (state, error)
}

fn header<'m>(mail: &'m str, name: &str) -> &'m str {
    let prefix = format!("{name}: ");
    let head = mail.lines().take_while(|line| !line.is_empty());
    let mut lines = head.filter_map(|line| line.strip_prefix(&prefix));
    let value = lines.next().unwrap_or_else(|| panic!("no {name} in {mail}"));
    assert!(lines.next().is_none(), "{name} twice in {mail}");
    value
}

#[sqlx::test(migrator = "MIGRATOR")]
async fn a_mail_arrives_once_over_tls_and_signed_in(pool: PgPool) {
    let world = World::new(pool).await;
    let mut server = MailServer::start().await;
    let booking = world.paid().await;
    rounds(&world, &trusting(&world, &server), 3).await;
    assert_eq!(world.read(booking.id).await.status, Status::Ticketed);
    let heard = server.heard().await;
    let [login, mail] = heard.as_slice() else { panic!("{heard:?}") };
    assert_eq!((&login["login"], &login["good"]), (&"tickets".into(), &true.into()));
    assert_eq!(mail["encrypted"], true);
    assert_eq!(mail["sender"], "tickets@interline.example");
    assert_eq!(mail["to"], serde_json::json!(["sari@example.com"]));
    let text = mail["mail"].as_str().unwrap().replace("\r\n", "\n");
    assert_eq!(header(&text, "Message-ID"), format!("<e-ticket.{}@interline.example>", booking.id));
    assert_eq!(header(&text, "From"), "Interline <tickets@interline.example>");
    assert_eq!(header(&text, "To"), "sari@example.com");
    assert!(header(&text, "Content-Type").starts_with("multipart/alternative"), "{text}");
    for part in ["Content-Type: text/plain; charset=utf-8", "Content-Type: text/html; charset=utf-8"] {
        assert_eq!(text.matches(part).count(), 1, "{part} in {text}");
    }
    assert_eq!(mail_job(&world).await.0, "done");
}

#[sqlx::test(migrator = "MIGRATOR")]
async fn a_server_that_says_later_is_asked_later(pool: PgPool) {
    let world = World::new(pool).await;
    let mut server = MailServer::start().await;
    server.answers("later").await;
    world.paid().await;
    let worker = trusting(&world, &server);
    while !world.jobs().await.iter().any(|(kind, ..)| kind == "mail") {
        rounds(&world, &worker, 1).await;
    }
    let (state, error) = mail_job(&world).await;
    assert_eq!(state, "ready");
    assert!(error.as_deref().is_some_and(|error| error.contains("451")), "{error:?}");
    rounds(&world, &worker, 2).await;
    let heard = server.heard().await;
    assert_eq!(heard.iter().filter(|told| told.get("put_off").is_some()).count(), 1);
    assert_eq!(heard.iter().filter(|told| told.get("mail").is_some()).count(), 1);
    assert_eq!(mail_job(&world).await.0, "done");
}

#[sqlx::test(migrator = "MIGRATOR")]
async fn a_mailbox_that_is_refused_is_a_dead_letter_and_no_others_trouble(pool: PgPool) {
    let world = World::new(pool).await;
    let mut server = MailServer::start().await;
    server.answers("refuse").await;
    let booking = world.paid().await;
    let worker = trusting(&world, &server);
    rounds(&world, &worker, 3).await;
    assert_eq!(world.read(booking.id).await.status, Status::Ticketed);
    let dead = world.service.dead_letters(10).await.unwrap();
    let [letter] = dead.as_slice() else { panic!("{dead:?}") };
    assert_eq!((letter.kind.as_str(), letter.tries), ("mail", 1));
    assert!(letter.error.contains("550"), "{letter:?}");
    assert!(!format!("{letter:?}").contains("sari@"), "an error names nobody");
    assert_eq!(world.service.alerts(10).await.unwrap()[0].kind, "dead-letter");

    // Somebody has seen to the mailbox.
    world.service.replay(letter.job_id).await.unwrap();
    rounds(&world, &worker, 1).await;
    let heard = server.heard().await;
    assert_eq!(heard.iter().filter(|told| told.get("refused").is_some()).count(), 1);
    assert_eq!(heard.iter().filter(|told| told.get("mail").is_some()).count(), 1);
}

#[sqlx::test(migrator = "MIGRATOR")]
async fn a_connection_cut_before_the_answer_repeats_the_same_message(pool: PgPool) {
    let world = World::new(pool).await;
    let mut server = MailServer::start().await;
    server.answers("cut").await;
    world.paid().await;
    rounds(&world, &trusting(&world, &server), 4).await;
    let heard = server.heard().await;
    let mails: Vec<_> = heard.iter().filter_map(|told| told.get("mail")?.as_str()).collect();
    let [first, second] = mails.as_slice() else { panic!("{heard:?}") };
    assert_eq!(header(&first.replace("\r\n", "\n"), "Message-ID"), header(&second.replace("\r\n", "\n"), "Message-ID"));
    assert_eq!(mail_job(&world).await.0, "done");
}

#[sqlx::test(migrator = "MIGRATOR")]
async fn a_wrong_password_loses_no_mail(pool: PgPool) {
    let world = World::new(pool).await;
    let mut server = MailServer::start().await;
    world.paid().await;
    rounds(&world, &worker(&world, &server, "wrong", Some(server.certificate.clone())), 3).await;
    assert_eq!(mail_job(&world).await.0, "ready", "it is our own mistake, and not the traveller's");
    rounds(&world, &trusting(&world, &server), 1).await;
    let heard = server.heard().await;
    assert!(heard.iter().any(|told| told["good"] == false));
    assert_eq!(heard.iter().filter(|told| told.get("mail").is_some()).count(), 1);
}

#[sqlx::test(migrator = "MIGRATOR")]
async fn a_server_that_cannot_be_trusted_learns_nothing(pool: PgPool) {
    let world = World::new(pool).await;
    let mut server = MailServer::start().await;
    world.paid().await;
    rounds(&world, &worker(&world, &server, PASSWORD, None), 2).await;
    assert_eq!(mail_job(&world).await.0, "ready");
    assert!(server.heard().await.is_empty());
}
