//! Bookings that are paid for and not ticketed yet, as many as are wanted.

use crate::stage::Stage;
use anyhow::{Context, Result, ensure};
use futures::{StreamExt, TryStreamExt};
use interline_journey::people::{Party, day, trip};
use serde_json::Value;

/// Bookings that are made at the same time.
const AT_ONCE: usize = 8;

/// Makes them, each of another offer, through the whole of the API, and answers their ids.
pub async fn bookings(stage: &Stage, count: usize, first_day: i64) -> Result<Vec<String>> {
    let mut offers = Vec::new();
    for ahead in first_day.. {
        if offers.len() >= count {
            break;
        }
        let page = stage.stack.client.search(&trip(&[("CGK", "NRT", day(ahead))], &Party::one())).await?;
        let found = page["offers"].as_array().context("no offers")?;
        ensure!(!found.is_empty(), "nothing is sold {ahead} days ahead");
        offers.extend(found.iter().filter_map(|offer| offer["id"].as_str()).map(|id| (id.to_owned(), ahead)));
    }
    offers.truncate(count);
    futures::stream::iter(offers.iter().map(|(offer, ahead)| book(stage, offer, *ahead)))
        .buffer_unordered(AT_ONCE)
        .try_collect()
        .await
}

async fn book(stage: &Stage, offer: &str, ahead: i64) -> Result<String> {
    let client = &stage.stack.client;
    let verified = client.verify(offer).await?.ok()?;
    ensure!(verified["result"] == "confirmed", "not confirmed: {verified}");
    let booking: Value = client.book(&verified["quote"], &Party::one().passengers(day(ahead))).await?;
    let id = booking["id"].as_str().context("no id")?.to_owned();
    stage.stack.confirm(&client.pay(&id).await?).await?;
    client.reaches(&id, &["PENDING_TICKET"]).await?;
    Ok(id)
}
