//! `interline attention …`: what needs a person.

use crate::cli::{self, Attention};
use crate::config::Config;
use crate::wiring::Services;
use anyhow::{Context, Result};
use interline_booking::Decision;
use interline_search::Workshop;
use serde_json::json;

/// The most of each kind that is listed.
const LIMIT: u32 = 1_000;

/// Does what is told.
pub async fn run(config: &Config, command: Attention) -> Result<()> {
    let services = Services::start(config, Workshop::default()).await?;
    let done = answer(&services, command).await;
    services.stop().await;
    done
}

async fn answer(services: &Services, command: Attention) -> Result<()> {
    let booking = &services.booking;
    match command {
        Attention::List { json: as_json } => {
            let bookings = booking.needing_attention(LIMIT).await?;
            let (letters, alerts) = (booking.dead_letters(LIMIT).await?, booking.alerts(LIMIT).await?);
            if as_json {
                let all = json!({ "bookings": bookings, "dead_letters": letters, "alerts": alerts });
                println!("{}", serde_json::to_string_pretty(&all)?);
                return Ok(());
            }
            println!("{} bookings need attention", bookings.len());
            for case in bookings {
                let order = case.order_id.as_deref().unwrap_or("order unknown");
                println!(
                    "  {}  since {}  {}  {order}  reference {}",
                    case.booking_id, case.since, case.supplier, case.client_reference
                );
                println!("      {}", case.reason);
            }
            println!("{} jobs could not end", letters.len());
            for letter in letters {
                println!("  {}  since {}  {}  booking {}", letter.job_id, letter.since, letter.kind, letter.booking_id);
                println!("      after {} tries: {}", letter.tries, letter.error);
            }
            println!("{} alerts are open", alerts.len());
            for alert in alerts {
                println!(
                    "  {}  since {}  {}  booking {}: {}",
                    alert.id, alert.since, alert.kind, alert.booking_id, alert.detail
                );
            }
        }
        Attention::Replay { job } => {
            booking.replay(job).await.with_context(|| format!("the job {job} cannot be replayed"))?;
            println!("the job {job} is in the queue again");
        }
        Attention::Decide { booking: id, decision } => {
            let decision = match decision {
                cli::Decision::TryAgain => Decision::TryAgain,
                cli::Decision::GiveBack => Decision::GiveBack,
            };
            booking.decide(id, decision).await.with_context(|| format!("nothing can be decided about {id}"))?;
            println!("the booking {id} goes on");
        }
        Attention::Settle { alert } => {
            booking.settle_alert(alert).await.with_context(|| format!("the alert {alert} cannot be settled"))?;
            println!("the alert {alert} is settled");
        }
        Attention::Erase { booking: id } => {
            booking.erase(id).await.with_context(|| format!("the travellers of {id} cannot be erased"))?;
            println!("nothing of the travellers of {id} can be read any more");
        }
    }
    Ok(())
}
