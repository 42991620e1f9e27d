//! From a [`Value`] to bytes.

use super::Value;

pub(super) fn value(value: &Value<'_>, to: &mut Vec<u8>) {
    match value {
        Value::Integer(number) => to.extend(format!("i{number}e").bytes()),
        Value::Bytes(bytes) => string(bytes, to),
        Value::List(items) => {
            to.push(b'l');
            items.iter().for_each(|item| item.write(to));
            to.push(b'e');
        }
        Value::Dictionary(dictionary) => {
            let mut pairs: Vec<_> = dictionary.0.iter().collect();
            pairs.sort_by_key(|(key, _)| *key);
            to.push(b'd');
            for (key, value) in pairs {
                string(key, to);
                value.write(to);
            }
            to.push(b'e');
        }
    }
}

fn string(bytes: &[u8], to: &mut Vec<u8>) {
    to.extend(format!("{}:", bytes.len()).bytes());
    to.extend_from_slice(bytes);
}
