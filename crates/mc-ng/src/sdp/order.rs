//! The order of the lines before the first stream.
//!
//! RFC 8866 §5 fixes it, yet there are telephones that write `t=` before `c=`, and read nothing else: a relay leaves
//! them where they were.

/// Brings the session's own lines of `text` into the order that those of `original` have. A kind of line that
/// `original` lacks stays behind the one before it.
pub(super) fn arrange_like(text: &str, original: &str) -> String {
    let kinds: Vec<u8> = session_lines(original).map(kind).collect();
    let mut latest = 0;
    let mut lines: Vec<(usize, &str)> = session_lines(text)
        .map(|line| {
            latest = kinds.iter().position(|other| *other == kind(line)).unwrap_or(latest);
            (latest, line)
        })
        .collect();
    lines.sort_by_key(|(place, _)| *place);
    let length: usize = lines.iter().map(|(_, line)| line.len()).sum();
    lines.into_iter().map(|(_, line)| line).chain([&text[length..]]).collect()
}

/// Lines with their ends, up to the first stream.
fn session_lines(text: &str) -> impl Iterator<Item = &str> {
    text.split_inclusive('\n').take_while(|line| kind(line) != b'm')
}

fn kind(line: &str) -> u8 {
    line.bytes().next().unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lines_stay_where_they_were() {
        let text = "v=0\r\no=-\r\ns=-\r\nc=us\r\nt=0 0\r\na=1\r\na=2\r\nm=audio\r\nc=us\r\na=3\r\n";
        let swapped = "v=0\r\no=-\r\ns=-\r\nt=0 0\r\nc=us\r\na=1\r\na=2\r\nm=audio\r\nc=us\r\na=3\r\n";
        assert_eq!(arrange_like(text, "v=0\no=x\ns=x\nt=0 0\nc=x\na=9\nm=audio\nt=\n"), swapped);
        assert_eq!(arrange_like(text, text), text);
    }

    #[test]
    fn a_line_that_is_new_follows_the_one_before_it() {
        let text = "v=0\no=-\ns=-\nc=us\nt=0 0\nm=audio\n";
        assert_eq!(arrange_like(text, "v=0\no=x\ns=x\nt=0 0\nm=audio\nc=x\n"), text);
        assert_eq!(arrange_like("v=0\n", ""), "v=0\n");
        assert_eq!(arrange_like("", "v=0\n"), "");
    }
}
