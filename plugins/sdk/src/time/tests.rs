use super::*;
use proptest::prelude::*;

#[test]
fn local_times_keep_the_offset_that_stands_there() {
    let time = local("2027-01-20T23:05:09").expect("parses");
    assert_eq!((time.date.day, time.hour, time.minute, time.second, time.offset_minutes), (20, 23, 5, 9, None));
    assert_eq!(local("2027-01-20T23:05:09.125+09:00").expect("parses").offset_minutes, Some(540));
    assert_eq!(local("2027-01-20T23:05:09-0330").expect("parses").offset_minutes, Some(-210));
    assert_eq!(local("2027-01-20 23:05").expect("parses").minute, 5);
    assert_eq!(local("2027-01-20T23:05Z").expect("parses").offset_minutes, Some(0));
}

#[test]
fn instants_need_an_offset() {
    assert_eq!(instant("1970-01-02T00:00:00Z"), Ok(86_400));
    assert_eq!(instant("2020-01-17T10:42:14.545Z"), Ok(1_579_257_734));
    assert_eq!(instant("2020-01-17T19:42:14+09:00"), Ok(1_579_257_734));
    assert!(instant("2020-01-17T10:42:14").is_err());
    assert_eq!(utc_instant("2020-01-17T10:42:14"), Ok(1_579_257_734));
}

#[test]
fn durations_become_minutes() {
    for (text, minutes) in
        [("PT1H35M", 95), ("PT02H26M", 146), ("P1DT2H", 1560), ("PT95M", 95), ("PT45S", 0), ("P1D", 1440)]
    {
        assert_eq!(duration_minutes(text), Ok(minutes), "{text}");
    }
    for bad in ["", "P", "1H", "PT1X", "PTH", "P1M", "PT1H2", "PT-1H"] {
        assert!(duration_minutes(bad).is_err(), "{bad}");
    }
}

#[test]
fn http_dates_are_read() {
    assert_eq!(http_date("Sun, 06 Nov 1994 08:49:37 GMT"), Ok(784_111_777));
    assert!(http_date("Sunday").is_err());
}

#[test]
fn days_that_do_not_exist_are_refused() {
    for bad in ["2027-02-29", "2027-13-01", "2027-00-10", "2027-1-", "20270101", "2027-04-31", "27-04-30"] {
        assert!(date(bad).is_err(), "{bad}");
    }
    assert!(date("2028-02-29").is_ok());
    assert!(local("2027-01-20T24:00:00").is_err());
    assert!(local("2027-01-20T10").is_err());
}

#[test]
fn a_birthday_adds_a_year() {
    let day = |text| date(text).expect("a date");
    assert_eq!(age_on(&day("2015-06-10"), &day("2027-06-09")), 11);
    assert_eq!(age_on(&day("2015-06-10"), &day("2027-06-10")), 12);
    assert_eq!(age_on(&day("2030-01-01"), &day("2027-06-10")), 0);
}

proptest! {
    #[test]
    fn an_instant_survives_the_way_out_and_back(seconds in 0u64..32_000_000_000) {
        prop_assert_eq!(instant(&format_instant(seconds)), Ok(seconds));
    }

    #[test]
    fn a_day_survives_the_way_out_and_back(day in -200_000i64..200_000) {
        prop_assert_eq!(days(&date_from_days(day)), day);
    }

    #[test]
    fn no_text_makes_it_panic(text: String) {
        let _ = (local(&text), date(&text), duration_minutes(&text), http_date(&text), instant(&text));
    }
}
