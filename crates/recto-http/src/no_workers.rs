//! The replacement for workers in a server that has none.

use std::fs::File;

use async_trait::async_trait;
use recto_domain::{OrganizationId, Page, Rotation};

use crate::document_reader::{DocumentReader, Unreadable};
use crate::page_picture::{PagePictures, PictureFailure};

/// Draws and reads nothing; for programs that only accept and list files.
#[derive(Debug, Clone, Copy)]
pub struct NoWorkers;

const WHY: &str = "this server has no workers";

#[async_trait]
impl PagePictures for NoWorkers {
    async fn picture(
        &self,
        _: OrganizationId,
        _: &str,
        _: File,
        _: u32,
        _: Rotation,
    ) -> Result<Vec<u8>, PictureFailure> {
        Err(PictureFailure::Unreadable(WHY.to_owned()))
    }

    async fn drawing(
        &self,
        _: OrganizationId,
        _: &str,
        _: File,
        _: u32,
        _: Rotation,
    ) -> Result<Vec<u8>, PictureFailure> {
        Err(PictureFailure::Unreadable(WHY.to_owned()))
    }
}

#[async_trait]
impl DocumentReader for NoWorkers {
    async fn pages(&self, _: OrganizationId, _: &str, _: File, _: u32) -> Result<Vec<Page>, Unreadable> {
        Err(Unreadable(WHY.to_owned()))
    }
}
