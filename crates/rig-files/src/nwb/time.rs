//! Times as RFC 3339 writes them.

use super::{NwbError, invalid};

/// Days before each month of a year that is no leap year.
const BEFORE_MONTH: [i64; 12] = [0, 31, 59, 90, 120, 151, 181, 212, 243, 273, 304, 334];

/// Reads a time with its zone, from 1970 on: seconds since 1970.
pub(super) fn parse(field: &str, time: &str) -> Result<f64, NwbError> {
    let wrong = || invalid(field, time, "a time with zone, as '2026-03-01T10:15:00+01:00', from 1970 on");
    let digits = |range: std::ops::Range<usize>| {
        let digits = time.get(range).filter(|digits| digits.bytes().all(|digit| digit.is_ascii_digit()));
        digits.and_then(|digits| digits.parse::<u32>().ok())
    };
    let part =
        |range, least: u32, most: u32| digits(range).filter(|part| (least..=most).contains(part)).ok_or_else(wrong);
    let (year, month) = (part(0..4, 1970, 9999)?, part(5..7, 1, 12)?);
    let leap = is_leap(year);
    let days = [31, if leap { 29 } else { 28 }, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31][month as usize - 1];
    let day = part(8..10, 1, days)?;
    let clock = [part(11..13, 0, 23)?, part(14..16, 0, 59)?, part(17..19, 0, 59)?].map(i64::from);
    let dividers = [4, 7, 10, 13, 16].map(|place| time.as_bytes()[place]);
    let rest = &time[19..];
    let digits = rest.strip_prefix('.').map_or(0, |rest| rest.bytes().take_while(u8::is_ascii_digit).count() + 1);
    let (fraction, zone) = rest.split_at(digits);
    let offset = offset_s(zone).ok_or_else(wrong)?;
    if dividers != *b"--T::" || digits == 1 {
        return Err(wrong());
    }
    let past = BEFORE_MONTH[month as usize - 1] + i64::from(leap && month > 2) + i64::from(day) - 1;
    let seconds = ((days_before_year(year) + past) * 24 + clock[0]) * 3600 + clock[1] * 60 + clock[2] - offset;
    Ok(seconds as f64 + fraction.parse::<f64>().unwrap_or(0.0))
}

/// Seconds by which a zone is ahead of UTC.
fn offset_s(zone: &str) -> Option<i64> {
    if zone == "Z" {
        return Some(0);
    }
    let (sign, clock) = match zone.split_at_checked(1)? {
        ("+", clock) => (1, clock),
        ("-", clock) => (-1, clock),
        _ => return None,
    };
    let (hours, minutes) = clock.split_once(':').filter(|(hours, minutes)| hours.len() == 2 && minutes.len() == 2)?;
    let number = |text: &str, most: i64| {
        let plain = text.bytes().all(|digit| digit.is_ascii_digit());
        text.parse().ok().filter(|&number: &i64| plain && number <= most)
    };
    Some(sign * (number(hours, 23)? * 3600 + number(minutes, 59)? * 60))
}

fn is_leap(year: u32) -> bool {
    year.is_multiple_of(4) && (!year.is_multiple_of(100) || year.is_multiple_of(400))
}

/// Days from 1970 to the beginning of a year.
fn days_before_year(year: u32) -> i64 {
    let leaps = |year: i64| year / 4 - year / 100 + year / 400;
    let year = i64::from(year);
    365 * (year - 1970) + leaps(year - 1) - leaps(1969)
}

/// A time in seconds since 1970 as text: RFC 3339 in UTC, whole seconds.
///
/// # Panics
/// If it is not from 1970 to 9999.
#[must_use]
pub fn utc(unix_s: f64) -> String {
    assert!((0.0..253_402_300_800.0).contains(&unix_s), "{unix_s} s since 1970");
    #[expect(clippy::cast_possible_truncation, reason = "in range")]
    let seconds = unix_s as i64;
    let (days, rest) = (seconds / 86_400, seconds % 86_400);
    let year = (1970..10_000).rev().find(|&year| days_before_year(year) <= days).unwrap_or(1970);
    let day = days - days_before_year(year);
    let before = |month: usize| BEFORE_MONTH[month] + i64::from(is_leap(year) && month > 1);
    let month = (0..12).rev().find(|&month| before(month) <= day).unwrap_or(0);
    let clock = (rest / 3600, rest / 60 % 60, rest % 60);
    format!("{year:04}-{:02}-{:02}T{:02}:{:02}:{:02}Z", month + 1, day - before(month) + 1, clock.0, clock.1, clock.2)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn times_are_seconds_since_1970() {
        // By GNU date.
        for (text, seconds) in [
            ("1970-01-01T00:00:00Z", 0.0),
            ("2000-02-29T23:59:59Z", 951_868_799.0),
            ("2000-03-01T00:00:00Z", 951_868_800.0),
            ("2026-03-01T10:15:00Z", 1_772_360_100.0),
            ("2024-12-31T12:00:00Z", 1_735_646_400.0),
            ("2100-03-01T00:00:00Z", 4_107_542_400.0),
        ] {
            assert_eq!(parse("", text).unwrap(), seconds, "{text}");
            assert_eq!(utc(seconds + 0.5), text);
        }
        assert_eq!(parse("", "2026-03-01T10:15:00.25+01:00").unwrap(), 1_772_356_500.25);
        assert_eq!(parse("", "2026-03-01T10:15:00-05:30").unwrap(), 1_772_379_900.0);
        for wrong in ["2026-03-01T10:15:00", "2026-02-29T10:15:00Z", "2026-03-01 10:15:00Z", "2026-03-01T10:15:00.Z"] {
            assert!(parse("", wrong).is_err(), "{wrong}");
        }
        for zone in ["+1:00", "+24:00", "+01:60", "+0100", "01:00", "++1:00", "Zz"] {
            assert!(parse("", &format!("2026-03-01T10:15:00{zone}")).is_err(), "{zone}");
        }
    }
}
