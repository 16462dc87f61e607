//! A bounded run of the fuzz targets, with bytes that are nearly right and with random ones.
#![cfg(target_os = "linux")]

use lasthandle::record::RECORD_BYTES;
use storm::decode;
use storm::noise::Noise;
use storm::record::{file, over, page, plain};

const ROUNDS: usize = 20_000;

fn random(noise: &mut Noise, most: u64) -> Vec<u8> {
    (0..noise.below(most)).map(|_| noise.next().to_le_bytes()[0]).collect()
}

#[test]
fn records() {
    let mut noise = Noise::new(1);
    let long = "n".repeat(3000);
    let good = [plain("X", 5000), plain(&long, 1), over("X", std::path::Path::new("/etc/hostname"), 3)];
    for round in 0..ROUNDS {
        let description = noise.pick(&good);
        let whole = file(description, b"/etc/hostname");
        let record = &whole[whole.len() - page()..][..RECORD_BYTES];
        let mut data = [&(whole.len() as u64).to_le_bytes()[..], record].concat();
        if round >= good.len() {
            for _ in 0..noise.below(4) {
                let end = if noise.once_in(4) { data.len() as u64 } else { 250 };
                let at = usize::try_from(noise.below(end)).expect("small");
                data[at] ^= 1 << noise.below(8);
            }
        }
        decode::record(&data);
        decode::record(&random(&mut noise, 100));
    }
}

#[test]
fn names() {
    let mut noise = Noise::new(2);
    let alphabet: Vec<u16> =
        "Local\\Global\\./%~:aé\u{1F980}\0".encode_utf16().chain([0xD800, 0xDC00, 0xFFFF]).collect();
    for _ in 0..ROUNDS {
        let length = if noise.once_in(50) { 1500 } else { 30 };
        let mut units: Vec<u16> = if noise.once_in(2) { "Global\\".encode_utf16().collect() } else { Vec::new() };
        units.extend((0..noise.below(length)).map(|_| *noise.pick(&alphabet)));
        let data: Vec<u8> = units.iter().flat_map(|unit| unit.to_le_bytes()).collect();
        decode::name(&data);
        decode::file_name(&data);
        let data = random(&mut noise, 60);
        decode::name(&data);
        decode::file_name(&data);
    }
}
