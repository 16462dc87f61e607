//! Bytes as the arguments of calls: mostly such as programs give, and the odd ones at every limit.

/// So many units make a name too long for wide calls.
const TOO_LONG: usize = 32_768;

/// What is left of the bytes. At their end everything is 0.
pub(super) struct Input<'a>(pub(super) &'a [u8]);

impl Input<'_> {
    pub(super) fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    pub(super) fn byte(&mut self) -> u8 {
        let Some((first, rest)) = self.0.split_first() else { return 0 };
        self.0 = rest;
        *first
    }

    /// True for about one in so many values of a byte.
    pub(super) fn once_in(&mut self, times: u8) -> bool {
        self.byte() % times == 0
    }

    pub(super) fn flag(&mut self) -> i32 {
        i32::from(self.byte() & 1)
    }

    pub(super) fn word(&mut self) -> u32 {
        u32::from_le_bytes([(); 4].map(|()| self.byte()))
    }

    pub(super) fn number(&mut self) -> u64 {
        u64::from(self.word()) << 32 | u64::from(self.word())
    }

    pub(super) fn pick<T: Copy>(&mut self, from: &[T]) -> T {
        from[usize::from(self.byte()) % from.len()]
    }

    /// A size or offset: none that would fill the machine's memory.
    pub(super) fn size(&mut self) -> u64 {
        let usual = [0, 1, 4095, 4096, 65_536, 65_537, 200_000, 1 << 31, u64::MAX, 1 << 63, u64::MAX - 4095, 1 << 47];
        self.pick(&usual)
    }

    pub(super) fn milliseconds(&mut self) -> u32 {
        self.pick(&[0, 0, 0, 1])
    }

    /// Rights: all, some, none, unknown ones.
    pub(super) fn access(&mut self) -> u32 {
        let usual = [0x1F_0003, 0x1F_0001, 0x10_0000, 2, 1, 4, 6, 0x1000_0000, 0x8000_0000, 0x200_0000, 0, 0xF_001F];
        if self.once_in(8) { self.word() } else { self.pick(&usual) }
    }

    /// A name in UTF-16 that ends in NUL, a lone surrogate perhaps in it; none is a null pointer.
    pub(super) fn wide(&mut self) -> Option<Vec<u16>> {
        let text = |text: &str| text.encode_utf16().collect::<Vec<u16>>();
        let mut name = match self.byte() % 12 {
            0 => return None,
            1 => text("Local\\a"),
            2 => text("a"),
            3 => text("Global\\a"),
            4 => text("Local\\b"),
            5 => vec![0xD800],
            6 => [text("Local\\"), vec![0xDC00, u16::from(b'x'), 0xDBFF]].concat(),
            7 => vec![u16::from(b'n'); usize::from(self.byte()) * 128],
            8 => vec![u16::from(b'n'); TOO_LONG],
            9 => text(""),
            10 => text("Local\\a\\b"),
            _ => (0..self.byte() % 6)
                .map(|_| u16::from_le_bytes([self.byte(), self.byte()]))
                .take_while(|unit| *unit != 0)
                .collect(),
        };
        name.push(0);
        Some(name)
    }

    /// The same in bytes, not always UTF-8.
    pub(super) fn narrow(&mut self) -> Option<Vec<u8>> {
        let mut name = match self.byte() % 8 {
            0 => return None,
            1 => b"Local\\a".to_vec(),
            2 => b"b".to_vec(),
            3 => vec![0xFF, 0xC0],
            4 => vec![b'n'; usize::from(self.byte()) + 100],
            5 => b"\\".to_vec(),
            6 => Vec::new(),
            _ => (0..self.byte() % 6).map(|_| self.byte()).take_while(|byte| *byte != 0).collect(),
        };
        name.push(0);
        Some(name)
    }
}
