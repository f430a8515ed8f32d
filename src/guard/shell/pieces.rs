//! What a word is made of. Most words are of one piece, which needs no memory of its own.

use std::ops::Deref;

use super::Piece;

#[derive(Debug)]
pub(in super::super) enum Pieces {
    One(Piece),
    Many(Vec<Piece>),
}

impl Default for Pieces {
    fn default() -> Pieces {
        Pieces::Many(Vec::new())
    }
}

impl From<Piece> for Pieces {
    fn from(piece: Piece) -> Pieces {
        Pieces::One(piece)
    }
}

impl Deref for Pieces {
    type Target = [Piece];

    fn deref(&self) -> &[Piece] {
        match self {
            Pieces::One(piece) => std::slice::from_ref(piece),
            Pieces::Many(pieces) => pieces,
        }
    }
}

impl Pieces {
    pub(super) fn push(&mut self, piece: Piece) {
        match self {
            Pieces::Many(pieces) if pieces.is_empty() => *self = Pieces::One(piece),
            Pieces::Many(pieces) => pieces.push(piece),
            Pieces::One(_) => {
                if let Pieces::One(first) = std::mem::take(self) {
                    *self = Pieces::Many(vec![first, piece]);
                }
            }
        }
    }

    pub(super) fn last_mut(&mut self) -> Option<&mut Piece> {
        match self {
            Pieces::One(piece) => Some(piece),
            Pieces::Many(pieces) => pieces.last_mut(),
        }
    }

    pub(super) fn extend(&mut self, more: Pieces) {
        match more {
            Pieces::One(piece) => self.push(piece),
            Pieces::Many(pieces) => pieces.into_iter().for_each(|piece| self.push(piece)),
        }
    }
}
