//! The client of the sample: reads the message that the server published.

use lasthandle::{Access, Mapping};

fn main() -> Result<(), Box<dyn std::error::Error>> {
    let mapping = Mapping::options().access(Access::READ).open("Local\\HelloWorld")?;
    let view = mapping.view()?;

    let bytes: Vec<u8> = view.bytes().collect();
    let units = bytes.chunks_exact(2).map(|pair| u16::from_le_bytes([pair[0], pair[1]]));
    let message: Vec<u16> = units.take_while(|&unit| unit != 0).collect();

    println!("{}", String::from_utf16(&message)?);
    Ok(())
}
