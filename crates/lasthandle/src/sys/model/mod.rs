//! One process, one plain mutex: what the contract means, obviously right.
