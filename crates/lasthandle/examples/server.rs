//! The server of the sample: publishes a message under a name until Enter is pressed.

use lasthandle::Mapping;

fn main() -> Result<(), Box<dyn std::error::Error>> {
    let mapping = Mapping::create("Local\\HelloWorld", 256)?;
    let view = mapping.view()?;

    // UTF-16 with a closing NUL, as the sample's clients in C++ and C# read it.
    let message: Vec<u8> = "Message from first process.\0".encode_utf16().flat_map(u16::to_le_bytes).collect();
    view.write_at(0, &message)?;

    println!("The message is there. Press Enter to end.");
    std::io::stdin().read_line(&mut String::new())?;
    Ok(())
}
