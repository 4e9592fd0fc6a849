//! Verifying an offer live, and holding its price.

mod compare;

use crate::error::VerifyError;
use crate::failure::Failure;
use crate::flights;
use crate::identity::ApiKeyId;
use crate::input::VerifyRequest;
use crate::instant::Instant;
use crate::offers::{FoundOffer, OfferLookupError};
use crate::passengers;
use crate::service::BookingService;
use crate::view::{CancellationWindow, Quote, Verified};
use compare::Substance;
use interline_domain::fault::{Disposition, Fault};
use interline_domain::itinerary::Segment;
use interline_domain::money::Money;
use interline_domain::offer::{Offer, SupplierReply};
use interline_domain::passengers::PassengerKind;
use interline_domain::trip::Trip;
use interline_pricing::{
    PenaltyInput, PricedOffer, PricingContext, PricingError, PricingInput, RulesVersion, SupplierTerms,
};
use interline_runtime::{PluginVersion, PriceRequest};
use jiff::Timestamp;
use sqlx::PgConnection;
use std::time::Duration;
use uuid::Uuid;

/// Least pause where the supplier gives none.
const RETRY: Duration = Duration::from_secs(2);

/// A supplier's offer as it is now, with its price.
struct Live {
    reply: SupplierReply,
    priced: PricedOffer,
    context: PricingContext,
    rules: RulesVersion,
    plugin_version: PluginVersion,
}

/// A stored quote, as far as a booking needs it.
pub(crate) struct QuoteRow {
    pub(crate) id: Uuid,
    pub(crate) supplier: String,
    pub(crate) plugin_version: serde_json::Value,
    pub(crate) rules_version: String,
    pub(crate) trip: Trip,
    pub(crate) reply: SupplierReply,
    pub(crate) supplier_total: Money,
    pub(crate) total: Money,
    pub(crate) context: PricingContext,
    pub(crate) priced: PricedOffer,
    pub(crate) shown: Quote,
    pub(crate) expires_at: Timestamp,
    pub(crate) used: bool,
}

impl QuoteRow {
    /// The one offer of the reply.
    pub(crate) fn offer(&self) -> Result<&Offer, Failure> {
        self.reply.offers.first().ok_or_else(|| Failure::broken("a quote has no offer"))
    }

    /// A quote made for a frontend.
    pub(crate) async fn find(
        conn: &mut PgConnection,
        api_key: Option<ApiKeyId>,
        id: Uuid,
    ) -> Result<Option<Self>, Failure> {
        let row = sqlx::query!(
            "SELECT id, supplier, plugin_version, rules_version, trip, reply, supplier_total, supplier_currency, total,
                    currency, context, priced, shown, expires_at, used_at
             FROM quotes WHERE id = $1 AND ($2::uuid IS NULL OR api_key_id = $2)",
            id,
            api_key.map(|key| key.0)
        )
        .fetch_optional(conn)
        .await?;
        row.map(|row| {
            Ok(Self {
                id: row.id,
                supplier: row.supplier,
                plugin_version: row.plugin_version,
                rules_version: row.rules_version,
                trip: serde_json::from_value(row.trip)?,
                reply: serde_json::from_value(row.reply)?,
                supplier_total: crate::rows::money(row.supplier_total, &row.supplier_currency)?,
                total: crate::rows::money(row.total, &row.currency)?,
                context: serde_json::from_value(row.context)?,
                priced: serde_json::from_value(row.priced)?,
                shown: serde_json::from_value(row.shown)?,
                expires_at: row.expires_at.into(),
                used: row.used_at.is_some(),
            })
        })
        .transpose()
    }
}

/// The first departure of an offer, if its airport or offset is known.
pub(crate) fn departs_at(segments: &[Segment], offer: &Offer) -> Option<Timestamp> {
    let first = offer.slices.first()?.segments.first()?;
    segments.get(first.segment as usize)?.departs_at()
}

impl BookingService {
    pub(crate) async fn verify_offer(&self, request: &VerifyRequest) -> Result<Verified, VerifyError> {
        let found = self.parts.offers.find(&request.offer_id).await?;
        let shown_offer = found.reply.offers.first().ok_or(OfferLookupError::Gone)?;
        let live = self.price_live(&found, shown_offer).await?;
        let offer = live.reply.offers.first().ok_or(VerifyError::SoldOut)?;

        let flights = flights::flights(&live.reply.segments, offer);
        let shown_flights = flights::flights(&found.reply.segments, shown_offer);
        let shown_bags = flights::bags(shown_offer, &found.priced.baggage);
        // Of baggage that the live answer does not speak of at all, what was shown holds.
        let bags = match offer.baggage.is_empty() {
            true => shown_bags.clone(),
            false => flights::bags(offer, &live.priced.baggage),
        };
        let shown = Substance { flights: &shown_flights, bags: &shown_bags, conditions: &shown_offer.conditions };
        let now = Substance { flights: &flights, bags: &bags, conditions: &offer.conditions };
        let changes = compare::changes(&shown, &now);
        let total = live.priced.total;
        if !changes.is_empty() {
            return Ok(Verified::ChangedInSubstance { changes, new: total.into() });
        }
        let expected = request.accept.unwrap_or(found.shown);
        if expected != total {
            return Ok(Verified::PriceChanged { old: expected.into(), new: total.into() });
        }

        let moment = Timestamp::now();
        let expires_at = self.quote_end(&live, offer, moment)?;
        let kinds = found.trip.passengers.passengers().into_iter().map(|passenger| kind_name(passenger.kind));
        let quote = Quote {
            id: Uuid::now_v7(),
            offer_id: request.offer_id.clone(),
            total: total.into(),
            taxes: live.priced.taxes.into(),
            base: live.priced.base.into(),
            expires_at,
            passengers: kinds.map(str::to_owned).collect(),
            documents_required: passengers::documents_required(&found.trip),
            flights,
            baggage: bags,
            cancellation: self.windows(&found.trip, &live, offer, moment).await,
        };
        self.store_quote(request.api_key, &found, &live, &quote).await?;
        Ok(Verified::Confirmed { quote })
    }

    /// Asks the supplier, and runs the rules over its answer.
    async fn price_live(&self, found: &FoundOffer, offer: &Offer) -> Result<Live, VerifyError> {
        let supplier = self.parts.suppliers.get(&found.supplier).ok_or(VerifyError::Unknown { retry_after: RETRY })?;
        let reply = if supplier.capabilities().price_check {
            let request = PriceRequest {
                offer_id: offer.id.clone(),
                token: offer.token.clone(),
                passengers: found.trip.passengers.passengers(),
                timeout: self.parts.config.call_timeout(),
            };
            let reply = supplier.check_price(&request).await.map_err(refusal)?;
            SupplierReply { segments: reply.segments, offers: vec![reply.offer], skipped: Vec::new() }
        } else {
            found.reply.clone()
        };
        let pricing = &self.parts.pricing;
        let table = reply.clone().into();
        let input = PricingInput { trip: &found.trip, replies: vec![(found.supplier.as_str(), &table)] };
        let mut context = found.context.clone();
        let now = Timestamp::now();
        let priced = match pricing.price(&input, &context, now).await {
            // The offer was shown by an older rate table: the live price is by the present one.
            Err(PricingError::RatesGone(_)) => {
                context.rates = pricing.rates().version().clone();
                pricing.price(&input, &context, now).await?
            }
            priced => priced?,
        };
        let rules = priced.rules.clone();
        let priced = priced
            .offers()
            .into_iter()
            .next()
            .ok_or_else(|| VerifyError::Internal("pricing lost the offer".to_owned()))?
            .map_err(PricingError::Unpriced)?;
        Ok(Live { reply, priced, context, rules, plugin_version: supplier.version().clone() })
    }

    /// The end of the quote: ours, the supplier's, the ticketing limit, the departure, whichever comes first.
    fn quote_end(&self, live: &Live, offer: &Offer, now: Timestamp) -> Result<Timestamp, VerifyError> {
        let ours = now + Duration::from_secs(self.parts.config.quote_seconds);
        let ends = [offer.expires_at, offer.ticketing_deadline, departs_at(&live.reply.segments, offer)];
        let end = ends.into_iter().flatten().fold(ours, Timestamp::min);
        if end <= now { Err(VerifyError::OfferExpired) } else { Ok(end) }
    }

    /// What cancelling would cost. Not knowing it stops no sale.
    async fn windows(&self, trip: &Trip, live: &Live, offer: &Offer, now: Timestamp) -> Vec<CancellationWindow> {
        let Some(departs_at) = departs_at(&live.reply.segments, offer) else { return Vec::new() };
        let input = PenaltyInput {
            paid: live.priced.total,
            net: offer.total,
            base: offer.base,
            terms: SupplierTerms::Conditions(&offer.conditions),
            owner: &offer.owner,
            departs_at,
            passengers: u32::try_from(trip.passengers.count()).unwrap_or(u32::MAX),
            rate: live.priced.trace.rate.as_deref(),
        };
        match self.parts.pricing.penalties(&input, &live.context, now).await {
            Ok(windows) => windows
                .into_iter()
                .map(|window| CancellationWindow {
                    from: window.from,
                    until: window.until,
                    penalty: window.penalty.into(),
                    refund: window.refund.into(),
                })
                .collect(),
            Err(error) => {
                tracing::warn!(%error, "a quote goes out without cancellation penalties");
                Vec::new()
            }
        }
    }

    async fn store_quote(
        &self,
        api_key: ApiKeyId,
        found: &FoundOffer,
        live: &Live,
        quote: &Quote,
    ) -> Result<(), VerifyError> {
        let json = |value: serde_json::Result<serde_json::Value>| value.map_err(Failure::from);
        let net = live.priced.net;
        sqlx::query!(
            "INSERT INTO quotes (id, api_key_id, offer_id, supplier, plugin_version, rules_version, trip, context, reply,
                                 supplier_total, supplier_currency, total, currency, priced, shown, expires_at)
             VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16)",
            quote.id,
            api_key.0,
            quote.offer_id,
            found.supplier,
            json(serde_json::to_value(&live.plugin_version))?,
            live.rules.as_str(),
            json(serde_json::to_value(&found.trip))?,
            json(serde_json::to_value(&live.context))?,
            json(serde_json::to_value(&live.reply))?,
            net.units,
            net.currency.code(),
            live.priced.total.units,
            live.priced.total.currency.code(),
            json(serde_json::to_value(&live.priced))?,
            json(serde_json::to_value(quote))?,
            Instant(quote.expires_at) as Instant
        )
        .execute(&self.parts.pool)
        .await?;
        Ok(())
    }
}

pub(crate) const fn kind_name(kind: PassengerKind) -> &'static str {
    match kind {
        PassengerKind::Adult => "adult",
        PassengerKind::Child => "child",
        PassengerKind::Infant => "infant",
    }
}

fn refusal(fault: Fault) -> VerifyError {
    match fault.disposition {
        Disposition::SoldOut => VerifyError::SoldOut,
        Disposition::OfferExpired => VerifyError::OfferExpired,
        Disposition::RetryAfter { delay } => VerifyError::Unknown { retry_after: delay.max(RETRY) },
        // A price check makes nothing: what became of it does not matter.
        Disposition::OutcomeUnknown | Disposition::PriceChanged { .. } => VerifyError::Unknown { retry_after: RETRY },
        Disposition::Rejected | Disposition::NotAuthorised | Disposition::Unsupported => VerifyError::Refused(fault),
    }
}
