//! Bencoding: what is written is read, and nothing that arrives does harm.

use mc_ng::bencode::{Dictionary, MAX_DEPTH, Value, length, read};
use mc_ng::{NgError, Request};
use proptest::prelude::*;

#[test]
fn the_examples_of_the_format_are_read() {
    assert_eq!(read(b"i-7e"), Ok(Value::Integer(-7)));
    assert_eq!(read(b"4:spam"), Ok(Value::from("spam")));
    assert_eq!(read(b"0:"), Ok(Value::from("")));
    assert_eq!(read(b"l4:spami0ee"), Ok(Value::from(vec!["spam".into(), 0.into()])));
    // Keys in any order: proxies do not sort them.
    let dictionary = Dictionary::default().with("z", 1).with("a", "b");
    assert_eq!(read(b"d1:zi1e1:a1:be"), Ok(Value::from(dictionary)));
}

#[test]
fn what_does_not_fit_is_refused_where_it_stands() {
    for (bytes, offset) in [
        (&b""[..], 0),
        (b"x", 0),
        (b"5:spam", 2),
        (b"99999999999999999999:a", 0),
        (b"i7", 1),
        (b"i+7e", 1),
        (b"i99999999999999999999e", 1),
        (b"l", 1),
        (b"d1:a", 4),
        (b"di1e1:ae", 1),
        (b"i1ei2e", 3),
        (b"-1:a", 0),
    ] {
        let error = read(bytes).unwrap_err();
        assert_eq!(error.offset, offset, "{}: {error}", String::from_utf8_lossy(bytes));
    }
}

#[test]
fn nesting_has_an_end() {
    let nested = |depth: usize| [vec![b'l'; depth], vec![b'e'; depth]].concat();
    assert!(read(&nested(MAX_DEPTH)).is_ok());
    assert!(read(&nested(MAX_DEPTH + 2)).is_err());
    assert!(read(&vec![b'l'; 60_000]).is_err());
    assert!(read(&b"d1:a".repeat(20_000)).is_err());
}

#[test]
fn keys_are_sorted_when_written() {
    let mut bytes = Vec::new();
    Value::from(Dictionary::default().with("b", 2).with("a", 1)).write(&mut bytes);
    assert_eq!(bytes, b"d1:ai1e1:bi2ee");
}

/// Any value, three levels deep, as its bytes by a writer of the test's own.
fn written() -> impl Strategy<Value = Vec<u8>> {
    let leaf = prop_oneof![
        any::<i64>().prop_map(|number| format!("i{number}e").into_bytes()),
        prop::collection::vec(any::<u8>(), 0..20).prop_map(|bytes| [
            format!("{}:", bytes.len()).into_bytes(),
            bytes
        ]
        .concat()),
    ];
    leaf.prop_recursive(3, 24, 6, |inner| {
        prop_oneof![
            prop::collection::vec(inner.clone(), 0..6).prop_map(|items| [
                b"l".to_vec(),
                items.concat(),
                b"e".to_vec()
            ]
            .concat()),
            prop::collection::btree_map("[a-z]{1,5}", inner, 0..6).prop_map(|pairs| {
                let pairs = pairs.iter().map(|(key, value)| {
                    [format!("{}:{key}", key.len()).into_bytes(), value.clone()].concat()
                });
                [b"d".to_vec(), pairs.collect::<Vec<_>>().concat(), b"e".to_vec()].concat()
            }),
        ]
    })
}

proptest! {
    #[test]
    fn what_is_read_is_written_back(bytes in written()) {
        let mut again = Vec::new();
        read(&bytes).unwrap().write(&mut again);
        prop_assert_eq!(again, bytes);
    }

    #[test]
    fn no_bytes_do_harm(bytes in prop::collection::vec(prop::sample::select(&b"0123456789:eild-ab"[..]), 0..200)) {
        let _ = read(&bytes);
    }
}

#[test]
fn the_end_of_a_request_is_found_as_soon_as_it_has_come() {
    let first = b"7_1 d7:command4:ping4:listl1:ai-3eedee".as_slice();
    let stream = [first, b"8_2 d7:command"].concat();
    for end in 0..stream.len() {
        let expected = (end >= first.len()).then_some(first.len());
        assert_eq!(Request::length(&stream[..end]), Ok(expected), "{end}");
    }
    assert_eq!(Request::length(&stream[first.len()..]), Ok(None));
}

#[test]
fn a_stream_without_requests_is_given_up() {
    for stream in [" d", "c x", "c e", "c 99999999999999999999:", "c iiiiiiiiiiiiiiiiiiiiiiiiii"] {
        assert!(Request::length(stream.as_bytes()).is_err(), "{stream}");
    }
    let without_end = "x".repeat(300);
    assert_eq!(Request::length(without_end.as_bytes()), Err(NgError::Frame));
    assert!(length("l".repeat(MAX_DEPTH + 2).as_bytes()).is_err());
    assert_eq!(length("l".repeat(MAX_DEPTH + 1).as_bytes()), Ok(None));
}

proptest! {
    #[test]
    fn a_value_that_is_read_is_as_long_as_it_is_measured(bytes in "[0-9a-eil:-]{0,30}") {
        let bytes = bytes.as_bytes();
        if read(bytes).is_ok() {
            prop_assert_eq!(length(bytes), Ok(Some(bytes.len())));
            for end in 0..bytes.len() {
                prop_assert_eq!(length(&bytes[..end]), Ok(None));
            }
        } else if let Ok(Some(end)) = length(bytes) {
            prop_assert!(end <= bytes.len());
        }
    }
}
