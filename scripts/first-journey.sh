#!/usr/bin/env bash
# The journey of one traveller against a running `make run`. Run it whole (make journey), or paste its lines one by one.
set -euo pipefail
cd "$(dirname "$0")/.."
gateway=http://${INTERLINE_LISTEN:-127.0.0.1:8080} sandbox=http://${SANDBOX_LISTEN:-127.0.0.1:8090}
# --- shown by make run from here ---

key="X-Api-Key: $(cat .data/api-key)" user="Authorization: Bearer $(cat .data/user-token)"
json="Content-Type: application/json"
field() { grep -o "\"$1\":\"[^\"]*\"" | head -n1 | cut -d'"' -f4; }
once() { echo "Idempotency-Key: $(cat /proc/sys/kernel/random/uuid)"; }

# 1. Search all suppliers at once: the cheapest two from Jakarta to Tokyo that can be refunded, on a day of the next months
search="origin=CGK&destination=NRT&departure_date=$(date -d "+$((30 + RANDOM % 150)) days" +%F)&refundable=true&limit=2"
answer=$(curl -sS "$gateway/v1/flights/search?$search" -H "$key"); echo "$answer"
offer=$(field id <<<"${answer#*\"offers\":}")

# 2. Verify the price at the supplier: the answer is a quote, which holds it
answer=$(curl -sS -X POST "$gateway/v1/offers/$offer/verify" -H "$key"); echo "$answer"
quote=$(field id <<<"$answer")

# 3. Book it
answer=$(curl -sS "$gateway/v1/bookings" -H "$key" -H "$user" -H "$json" -H "$(once)" -d '{
  "quote_id": "'"$quote"'",
  "passengers": [{"type": "adult", "given_name": "Budi", "family_name": "Santoso", "born_on": "1990-04-12", "gender": "male",
    "document": {"kind": "passport", "number": "X1234567", "issuing_country": "ID", "nationality": "ID",
      "expires_on": "2035-05-01"}}],
  "contact": {"email": "budi@example.com", "phone": "+628123456789"}}'); echo "$answer"
booking=$(field id <<<"$answer")

# 4. Pay: the gateway makes a payment intent, and the traveller's browser confirms it at the provider (here, the sandbox)
answer=$(curl -sS "$gateway/v1/bookings/$booking/payments" -H "$key" -H "$user" -H "$json" -H "$(once)" \
  -d '{"provider": "stripe"}'); echo "$answer"
secret=$(field client_secret <<<"$answer")
curl -sS "$sandbox/stripe/v1/payment_intents/${secret%%_secret_*}/confirm" \
  -H "Authorization: Bearer pk_test_sandbox" -d client_secret="$secret" -d payment_method=pm_card_visa; echo

# 5. Watch for ten seconds how the worker has the ticket issued
curl -sN --max-time 10 "$gateway/v1/bookings/$booking/events" -H "$key" -H "$user" || true

# 6. The ticket, and the mail about it
curl -sS "$gateway/v1/bookings/$booking" -H "$key" -H "$user"; echo
ls -t .data/mail | head -n1

# 7. A change of mind: what cancelling gives back, then cancelling
answer=$(curl -sS -X POST "$gateway/v1/bookings/$booking/cancellation-quotes" -H "$key" -H "$user"); echo "$answer"
curl -sS "$gateway/v1/bookings/$booking/cancellations" -H "$key" -H "$user" -H "$json" -H "$(once)" \
  -d '{"cancellation_quote_id": "'"$(field id <<<"$answer")"'"}'; echo
