use crate::testing::{Rig, Scripted, direct, reply, request};
use crate::view::PageView;
use serde_json::Value;

#[tokio::test]
async fn net_prices_markups_rules_and_suppliers_of_offers_never_show() {
    let rig = Rig::new([Scripted::selling("acme-air", reply(&[direct("GA", 874, 8, 51_317)]))]);
    rig.rules.set_markup(2_229);
    let page = rig.service.search(&request()).await.unwrap();
    let text = String::from_utf8(page.content.offers[0].to_vec()).unwrap();
    for secret in ["513.17", "51317", "22.29", "2229", "secret-markup", "acme-air", "net", "markup", "commission"] {
        assert!(!text.contains(secret), "{secret} in {text}");
    }
    assert!(text.contains("535.46"), "{text}");
}

#[tokio::test]
async fn a_page_is_the_json_that_its_schema_tells() {
    let rig = Rig::new([Scripted::selling("a", reply(&[direct("GA", 874, 8, 50_000), direct("NH", 2, 9, 60_000)]))]);
    let page = rig.service.search(&request()).await.unwrap();
    let written: Value = serde_json::from_slice(&page.body().concat()).unwrap();
    let view = PageView {
        currency: "EUR".into(),
        total_matching: page.content.total_matching,
        offers: page.content.offers.iter().map(|json| serde_json::from_slice(json).unwrap()).collect(),
        facets: page.content.facets.clone(),
        next_cursor: page.content.next_cursor.clone(),
        suppliers: page.suppliers.clone(),
        cache: page.cache,
        complete: page.complete,
    };
    assert_eq!(written, serde_json::to_value(view).unwrap());
}
