//! Sizes, durations and times, as people write and read them.

use std::time::{Duration, SystemTime};

use lasthandle::Timeout;

/// Bytes: `8192`, `64K`, `1.5M`, `1G`; the letters are powers of 1,024, as memory is counted.
pub(crate) fn size(text: &str) -> Result<u64, String> {
    let refuse = |why: &str| format!("{why}; a size is a number of bytes, or one with K, M, G or T, such as 64K");
    // The parser would join `1 2` to 12.
    if text.contains(char::is_whitespace) {
        return Err(refuse("there is a space in it"));
    }
    parse_size::Config::new().with_binary().parse_size(text).map_err(|error| refuse(&error.to_string()))
}

/// A size of at least one byte.
pub(crate) fn some_size(text: &str) -> Result<u64, String> {
    match size(text)? {
        0 => Err("a size must be at least 1 byte".into()),
        bytes => Ok(bytes),
    }
}

/// How many, at least one.
pub(crate) fn count(text: &str) -> Result<u64, String> {
    text.parse().ok().filter(|&count| count > 0).ok_or_else(|| "a count is a whole number, 1 or more".into())
}

/// `300ms`, `5s`, `2m`, `1h 30m`.
pub(crate) fn duration(text: &str) -> Result<Duration, String> {
    humantime::parse_duration(text)
        .map_err(|error| format!("{error}; a duration is a number with a unit, such as 300ms, 5s or 2m"))
}

/// How often a timer is due: whole milliseconds, as Windows counts them.
pub(crate) fn period(text: &str) -> Result<Duration, String> {
    let period = duration(text)?;
    let whole = period.subsec_nanos() % 1_000_000 == 0 && !period.is_zero();
    let fits = period.as_millis() <= i32::MAX as u128;
    if whole && fits { Ok(period) } else { Err("a period is 1ms to 24 days, in whole milliseconds".into()) }
}

/// A time of day in UTC: `2030-01-01 07:00:00`, `2030-01-01T07:00:00Z`.
pub(crate) fn time(text: &str) -> Result<SystemTime, String> {
    humantime::parse_rfc3339_weak(text).map_err(|error| format!("{error}; a time is such as '2030-01-01 07:00:00'"))
}

/// How long to wait: for ever, unless told otherwise; zero looks once.
pub(crate) fn timeout(limit: Option<Duration>) -> Timeout {
    match limit {
        None => Timeout::Never,
        Some(Duration::ZERO) => Timeout::Now,
        Some(limit) => Timeout::After(limit),
    }
}

/// As it was given: `1h 30m`.
pub(crate) fn show_duration(duration: Duration) -> String {
    humantime::format_duration(duration).to_string()
}

/// `256 B`, `1.50 KiB`.
pub(crate) fn show_size(bytes: u64) -> String {
    indicatif::BinaryBytes(bytes).to_string()
}

/// `1 byte`, `256 bytes`, `65536 bytes (64.00 KiB)`.
pub(crate) fn show_bytes(bytes: u64) -> String {
    match bytes {
        1 => "1 byte".into(),
        0..1024 => format!("{bytes} bytes"),
        _ => format!("{bytes} bytes ({})", show_size(bytes)),
    }
}

/// The two largest units: `2h 3m`; below a second, milliseconds.
pub(crate) fn show_age(age: Duration) -> String {
    let whole = if age < Duration::from_secs(1) {
        Duration::from_millis(u64::from(age.subsec_millis()))
    } else {
        Duration::from_secs(age.as_secs())
    };
    humantime::format_duration(whole).to_string().split(' ').take(2).collect::<Vec<_>>().join(" ")
}

/// RFC 3339 in UTC; none for times before 1970 or after 9999, which only a damaged record has.
pub(crate) fn show_time(time: SystemTime) -> Option<String> {
    const YEAR_10000: u64 = 253_402_300_800;
    let seconds = time.duration_since(SystemTime::UNIX_EPOCH).ok()?.as_secs();
    (seconds < YEAR_10000).then(|| humantime::format_rfc3339_millis(time).to_string())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn letters_are_powers_of_1024() {
        assert_eq!(size("8192"), Ok(8192));
        assert_eq!(size("64K"), Ok(65_536));
        assert_eq!(size("1.5M"), Ok(3 << 19));
        assert_eq!(size("1G"), Ok(1 << 30));
        assert_eq!(size("2GiB"), Ok(2 << 30));
        for bad in ["", "K", "-1", "12Q", "1 2", "0x10", "99999999999T", "nan"] {
            assert!(size(bad).is_err(), "{bad:?} was taken for a size");
        }
        assert!(some_size("0").is_err() && some_size("0K").is_err());
    }

    #[test]
    fn a_duration_has_a_unit() {
        assert_eq!(duration("300ms"), Ok(Duration::from_millis(300)));
        assert_eq!(duration("5s"), Ok(Duration::from_secs(5)));
        assert_eq!(duration("2m"), Ok(Duration::from_secs(120)));
        for bad in ["", "5", "s", "-1s", "5 parsecs"] {
            assert!(duration(bad).is_err(), "{bad:?} was taken for a duration");
        }
    }

    #[test]
    fn a_period_is_whole_milliseconds() {
        assert_eq!(period("1ms"), Ok(Duration::from_millis(1)));
        assert_eq!(period("2147483647ms"), Ok(Duration::from_millis(i32::MAX as u64)));
        for bad in ["0s", "1us", "1ms 1ns", "2147483648ms", "7"] {
            assert!(period(bad).is_err(), "{bad:?} was taken for a period");
        }
    }

    #[test]
    fn a_time_is_a_date_and_a_time_of_day() {
        let second = SystemTime::UNIX_EPOCH + Duration::from_secs(1);
        assert_eq!(time("1970-01-01T00:00:01Z"), Ok(second));
        assert_eq!(time("1970-01-01 00:00:01"), Ok(second));
        for bad in ["", "07:00", "1970-13-01 00:00:00", "tomorrow"] {
            assert!(time(bad).is_err(), "{bad:?} was taken for a time");
        }
    }

    #[test]
    fn an_age_has_two_units_at_most() {
        assert_eq!(show_age(Duration::from_millis(7_423_456)), "2h 3m");
        assert_eq!(show_age(Duration::from_micros(12_345)), "12ms");
        assert_eq!(show_age(Duration::ZERO), "0s");
    }

    #[test]
    fn a_hostile_time_is_no_panic() {
        assert_eq!(show_time(SystemTime::UNIX_EPOCH).unwrap(), "1970-01-01T00:00:00.000Z");
        assert_eq!(show_time(SystemTime::UNIX_EPOCH - Duration::from_secs(1)), None);
        assert_eq!(show_time(SystemTime::UNIX_EPOCH + Duration::from_secs(300_000_000_000)), None);
    }
}
