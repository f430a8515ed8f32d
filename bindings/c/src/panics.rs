//! Where panics stop.

use std::panic::{AssertUnwindSafe, catch_unwind};

use crate::status::{Failure, Status};

/// `None` if the body panicked.
pub(crate) fn quietly<T>(body: impl FnOnce() -> T) -> Option<T> {
    catch_unwind(AssertUnwindSafe(body)).ok()
}

pub(crate) fn defect() -> Failure {
    Failure::new(Status::INTERNAL, "a defect of hotplex; see the log")
}
