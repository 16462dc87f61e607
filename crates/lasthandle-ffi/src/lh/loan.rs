//! An end that lends something of itself from one call to a later one: a message to be read in place, or room for one.
//!
//! # Safety
//! 1. The end lies in a box of its own that only this owns, and is freed when this is dropped, after the loan.
//! 2. While a loan is out it is the only reference to the end: [`Lender::end`] gives none. So what it borrows is borrowed
//!    once, and is alive.
//! 3. `loan` is written if and only if `lent`. It is a `MaybeUninit` and no `Option`, because references within an argument
//!    count as used until the function returns; and dropping an argument of this type ends what they refer to before.
#![allow(unsafe_code)]

use std::mem::MaybeUninit;
use std::ptr::NonNull;

use lasthandle::{Error, ErrorKind, Result};

/// An end, and what it has lent.
pub(super) struct Lender<E: 'static, L> {
    end: NonNull<E>,
    loan: MaybeUninit<L>,
    lent: bool,
}

// SAFETY: it owns the end and the loan as a box and a value would.
unsafe impl<E: Send, L: Send> Send for Lender<E, L> {}

impl<E, L> Lender<E, L> {
    pub(super) fn new(end: E) -> Self {
        Self { end: NonNull::from(Box::leak(Box::new(end))), loan: MaybeUninit::uninit(), lent: false }
    }

    /// The end; an error while something is lent.
    #[inline]
    pub(super) fn end(&mut self) -> Result<&mut E> {
        if self.lent {
            return Err(lent());
        }
        // SAFETY: alive by 1; by 2 there is no other reference, and `self` is borrowed for as long as this one lives.
        Ok(unsafe { self.end.as_mut() })
    }

    /// Lends what `take` takes of the end, which must keep nothing else of it. None, or an error: it took nothing.
    ///
    /// # Safety
    /// `take` lets the reference go nowhere but into what it returns.
    pub(super) unsafe fn lend(&mut self, take: impl FnOnce(&'static mut E) -> Result<Option<L>>) -> Result<bool> {
        if self.lent {
            return Err(lent());
        }
        // SAFETY: alive by 1 until `self` is dropped, which drops the loan before; by 2 there is no other reference.
        let Some(loan) = take(unsafe { self.end.as_mut() })? else { return Ok(false) };
        self.loan.write(loan);
        self.lent = true;
        Ok(true)
    }

    /// What is lent.
    #[inline]
    pub(super) fn loan(&mut self) -> Result<&mut L> {
        if !self.lent {
            return Err(nothing_lent());
        }
        // SAFETY: written, by 3.
        Ok(unsafe { self.loan.assume_init_mut() })
    }

    /// Takes back what is lent.
    #[inline]
    pub(super) fn take_back(&mut self) -> Result<L> {
        if !std::mem::take(&mut self.lent) {
            return Err(nothing_lent());
        }
        // SAFETY: written, by 3, and not read again, as `lent` is not any more.
        Ok(unsafe { self.loan.assume_init_read() })
    }
}

impl<E, L> Drop for Lender<E, L> {
    fn drop(&mut self) {
        drop(self.take_back());
        // SAFETY: by 1 it is this one's own box, and by 2 nothing refers to it any more.
        drop(unsafe { Box::from_raw(self.end.as_ptr()) });
    }
}

#[cold]
fn lent() -> Error {
    Error::new(ErrorKind::Busy)
        .detail("a message of this end is lent to be read or written in place")
        .cure("release, commit or abandon it first")
}

#[cold]
fn nothing_lent() -> Error {
    Error::new(ErrorKind::InvalidParameter).detail("no message of this end is lent")
}

#[cfg(test)]
mod tests {
    use super::*;

    /// What is lent changes the end when it is dropped, as messages do.
    struct Loan(&'static mut Vec<u32>);

    impl Drop for Loan {
        fn drop(&mut self) {
            self.0.push(2);
        }
    }

    fn lend(lender: &mut Lender<Vec<u32>, Loan>) -> Result<bool> {
        // SAFETY: it goes into the loan.
        unsafe { lender.lend(|end| Ok(Some(Loan(end)))) }
    }

    #[test]
    fn the_end_is_not_to_be_had_while_something_is_lent() {
        let mut lender = Lender::new(vec![1]);
        assert!(lender.take_back().is_err() && lender.loan().is_err());
        assert!(lend(&mut lender).expect("a loan"));
        assert_eq!(lender.end().expect_err("lent").windows_code(), 170);
        assert_eq!(lend(&mut lender).expect_err("lent").windows_code(), 170);
        lender.loan().expect("lent").0.push(7);
        drop(lender.take_back().expect("lent"));
        assert_eq!(*lender.end().expect("free again"), [1, 7, 2]);
    }

    #[test]
    fn a_loan_ends_before_its_end() {
        let mut lender = Lender::new(vec![1]);
        assert!(lend(&mut lender).expect("a loan"));
        drop(lender); // Miri tells if not
    }

    #[test]
    fn what_was_not_taken_is_not_lent() {
        let mut lender: Lender<Vec<u32>, Loan> = Lender::new(vec![1]);
        // SAFETY: it goes nowhere.
        assert!(!unsafe { lender.lend(|_| Ok(None)) }.expect("no loan"));
        assert_eq!(*lender.end().expect("free"), [1]);
    }
}
