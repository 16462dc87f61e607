//! Messages that say what they are, to the byte.

use crate::noise::Noise;

/// Most bytes.
pub(crate) const LONGEST: usize = 9000;
const HEAD: usize = 24;

/// Message `number` of a sender's `life`. Half of them are short.
pub(crate) fn message(life: u64, number: u64) -> Vec<u8> {
    let mut noise = Noise::new(life << 32 ^ number);
    let most = if noise.once_in(2) { 60 } else { LONGEST };
    let length = HEAD + usize::try_from(noise.below((most - HEAD) as u64)).expect("small");
    let mut bytes = Vec::with_capacity(length + 8);
    for word in [life, number, length as u64] {
        bytes.extend(word.to_le_bytes());
    }
    while bytes.len() < length {
        bytes.extend(noise.next().to_le_bytes());
    }
    bytes.truncate(length);
    bytes
}

/// Whose message it is, and which; it is whole.
pub(crate) fn read(bytes: &[u8]) -> Result<(u64, u64), String> {
    let word = |at: usize| bytes.get(at..at + 8).map(|word| u64::from_le_bytes(word.try_into().expect("eight")));
    let (Some(life), Some(number)) = (word(0), word(8)) else {
        return Err(format!("a message of {} bytes", bytes.len()));
    };
    if message(life, number) == bytes { Ok((life, number)) } else { Err(format!("torn: {life}, {number}")) }
}
