//! Bodies of the write path. What only the quote can tell (types, ages, documents) the write path checks itself.

use super::Errors;
use super::json::Object;
use super::rules;
use interline_booking::{ContactInput, DocumentInput, NewBooking, NewPayment, PassengerInput};
use interline_domain::order::{DocumentKind, Gender};
use interline_domain::passengers::PassengerKind;
use jiff::civil::Date;
use serde::de::DeserializeOwned;
use serde_json::Value;
use std::cell::RefCell;
use uuid::Uuid;

/// Adults and children on seats, and an infant for each adult.
const MAX_TRAVELLERS: usize = 18;
const NAME: &str = "is as in the machine-readable line of the travel document: letters A to Z with single spaces, hyphens, \
                    apostrophes or full stops between them, 1 to 40 characters";
const COUNTRY: &str = "is an ISO 3166-1 alpha-2 country code, upper case";
const DATE: &str = "is a date like 1990-04-12";

/// A booking to make; every broken rule is named in `errors`.
pub fn new_booking(value: &Value, errors: &mut Errors) -> Option<NewBooking> {
    reading(value, errors, |root| {
        let quote_id = root.parsed::<Uuid>("quote_id", "uuid", "is the `id` of a quote");
        let travellers = root.objects("passengers");
        if travellers.as_ref().is_some_and(|list| list.is_empty() || list.len() > MAX_TRAVELLERS) {
            root.error("passengers", "count", format!("are 1 to {MAX_TRAVELLERS}"));
        }
        let passengers: Option<Vec<_>> = travellers
            .unwrap_or_default()
            .into_iter()
            .take(MAX_TRAVELLERS)
            .map(passenger)
            .collect::<Vec<_>>()
            .into_iter()
            .collect();
        let contact = root.object("contact").and_then(contact);
        root.close();
        Some(NewBooking { quote_id: quote_id?, passengers: passengers?, contact: contact? })
    })
}

/// A payment to begin.
pub fn new_payment(value: &Value, errors: &mut Errors) -> Option<NewPayment> {
    reading(value, errors, |root| {
        let provider = root.text("provider").map(str::to_owned);
        root.close();
        Some(NewPayment { provider: provider? })
    })
}

/// The cancellation quote that a cancellation is made by.
pub fn cancellation(value: &Value, errors: &mut Errors) -> Option<Uuid> {
    reading(value, errors, |root| {
        let quote = root.parsed::<Uuid>("cancellation_quote_id", "uuid", "is the `id` of a cancellation quote");
        root.close();
        quote
    })
}

/// Reads an object; there is a result only if nothing is wrong.
fn reading<T>(value: &Value, errors: &mut Errors, read: impl FnOnce(Object<'_>) -> Option<T>) -> Option<T> {
    let found = RefCell::new(Errors::default());
    let result = Object::of(value, "", &found).and_then(read);
    let found = found.into_inner();
    let good = found.is_empty();
    errors.absorb(found);
    result.filter(|_| good)
}

fn passenger(object: Object<'_>) -> Option<PassengerInput> {
    let kind = choice::<PassengerKind>(&object, "type", object.text("type"), "is `adult`, `child` or `infant`");
    let title =
        checked(&object, "title", object.optional_text("title"), "choice", TITLE, |title| TITLES.contains(&title));
    let given_name = checked(&object, "given_name", object.text("given_name"), "name", NAME, rules::is_name);
    let family_name = checked(&object, "family_name", object.text("family_name"), "name", NAME, rules::is_name);
    let born_on = object.parsed::<Date>("born_on", "date", DATE);
    let gender = choice::<Gender>(&object, "gender", object.text("gender"), "is `female`, `male` or `unspecified`");
    let has_document = object.optional("document").is_some();
    let document = object.optional_object("document").and_then(document);
    let lap_of = object.optional_number("lap_of", 0..=MAX_TRAVELLERS as u64 - 1);
    object.close();
    if has_document && document.is_none() {
        return None;
    }
    Some(PassengerInput {
        kind: kind?,
        title,
        given_name: given_name?,
        family_name: family_name?,
        born_on: born_on?,
        gender: gender?,
        document,
        lap_of: lap_of.and_then(|index| u8::try_from(index).ok()),
    })
}

const TITLES: [&str; 5] = ["mr", "ms", "mrs", "miss", "dr"];
const TITLE: &str = "is `mr`, `ms`, `mrs`, `miss` or `dr`";

fn document(object: Object<'_>) -> Option<DocumentInput> {
    let kind = choice::<DocumentKind>(&object, "kind", object.text("kind"), "is `passport` or `identity_card`");
    let message = "is 4 to 20 upper-case letters and digits";
    let number =
        checked(&object, "number", object.text("number"), "document_number", message, rules::is_document_number);
    let issuer = object.text("issuing_country");
    let issuing_country = checked(&object, "issuing_country", issuer, "country", COUNTRY, rules::is_country);
    let nationality = object.text("nationality");
    let nationality = checked(&object, "nationality", nationality, "country", COUNTRY, rules::is_country);
    let expires_on = object.parsed::<Date>("expires_on", "date", "is a date like 2031-05-01");
    object.close();
    Some(DocumentInput {
        kind: kind?,
        number: number?,
        issuing_country: issuing_country?,
        nationality: nationality?,
        expires_on: expires_on?,
    })
}

fn contact(object: Object<'_>) -> Option<ContactInput> {
    let message = "is an e-mail address";
    let email = checked(&object, "email", object.text("email"), "email", message, rules::is_email);
    let message = "is a telephone number like +628123456789 (E.164)";
    let phone = checked(&object, "phone", object.text("phone"), "phone", message, rules::is_phone);
    object.close();
    Some(ContactInput { email: email?, phone: phone? })
}

fn checked(
    object: &Object<'_>,
    name: &str,
    text: Option<&str>,
    rule: &str,
    message: &str,
    is_good: impl FnOnce(&str) -> bool,
) -> Option<String> {
    let text = text?;
    if !is_good(text) {
        object.error(name, rule, message);
        return None;
    }
    Some(text.to_owned())
}

fn choice<T: DeserializeOwned>(object: &Object<'_>, name: &str, text: Option<&str>, message: &str) -> Option<T> {
    let value = serde_json::from_value(Value::from(text?)).ok();
    if value.is_none() {
        object.error(name, "choice", message);
    }
    value
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;
    use serde_json::json;

    fn booking() -> Value {
        json!({
            "quote_id": "0199a0c0-0000-7000-8000-000000000001",
            "passengers": [{
                "type": "adult", "title": "mr", "given_name": "Budi", "family_name": "Santoso", "born_on": "1990-04-12",
                "gender": "male",
                "document": {
                    "kind": "passport", "number": "X1234567", "issuing_country": "ID", "nationality": "ID",
                    "expires_on": "2031-05-01",
                },
            }],
            "contact": {"email": "budi@example.com", "phone": "+628123456789"},
        })
    }

    fn broken(value: &Value) -> Vec<String> {
        let mut errors = Errors::default();
        let read = new_booking(value, &mut errors);
        assert_eq!(read.is_none(), !errors.is_empty());
        errors.list().iter().map(|error| format!("{} {}", error.field, error.rule)).collect()
    }

    #[test]
    fn a_good_booking_is_read_whole() {
        assert_eq!(broken(&booking()), [""; 0]);
        let mut errors = Errors::default();
        let read = new_booking(&booking(), &mut errors).unwrap();
        assert_eq!(
            serde_json::to_value(&read).unwrap()["passengers"][0]["document"],
            booking()["passengers"][0]["document"]
        );
    }

    #[test]
    fn every_broken_rule_of_every_traveller_is_named() {
        let mut value = booking();
        value["quote_id"] = json!("7");
        value["passengers"][0]["given_name"] = json!("José");
        value["passengers"][0]["title"] = json!("sir");
        value["passengers"][0]["document"]["nationality"] = json!("XX");
        value["passengers"][0]["document"]["number"] = json!("x");
        value["passengers"][0]["age"] = json!(36);
        let second = json!({"type": "ADT", "born_on": "1990-02-30"});
        value["passengers"].as_array_mut().unwrap().push(second);
        value["contact"]["phone"] = json!("08123456789");
        value["contact"]["email"] = json!("budi");
        assert_eq!(
            broken(&value),
            [
                "/quote_id uuid",
                "/passengers/0/title choice",
                "/passengers/0/given_name name",
                "/passengers/0/document/number document_number",
                "/passengers/0/document/nationality country",
                "/passengers/0/age unknown",
                "/passengers/1/type choice",
                "/passengers/1/given_name required",
                "/passengers/1/family_name required",
                "/passengers/1/born_on date",
                "/passengers/1/gender required",
                "/contact/email email",
                "/contact/phone phone",
            ]
        );
    }

    fn any_json() -> impl Strategy<Value = Value> {
        let leaf = prop_oneof![
            Just(Value::Null),
            any::<bool>().prop_map(Value::from),
            any::<i64>().prop_map(Value::from),
            ".{0,8}".prop_map(Value::from),
        ];
        leaf.prop_recursive(3, 24, 4, |inner| {
            prop_oneof![
                prop::collection::vec(inner.clone(), 0..4).prop_map(Value::from),
                prop::collection::btree_map("[a-z_]{1,8}", inner, 0..4).prop_map(|map| map.into_iter().collect()),
            ]
        })
    }

    proptest! {
        #[test]
        fn a_field_of_any_shape_is_refused_by_name(
            junk in any_json(),
            field in prop::sample::select(vec!["quote_id", "passengers", "contact"]),
        ) {
            let mut value = booking();
            value[field] = junk;
            let errors = broken(&value);
            prop_assert!(errors.iter().all(|error| error.starts_with(&format!("/{field}"))), "{errors:?}");
            prop_assert!(!errors.is_empty());
        }
    }
}
