//! Pages of PDFs that consist of one picture, as scanners make them.

use crate::pdf::contents::{self, Operations};
use crate::pdf::matrix::Matrix;
use crate::pdf::object::{Dictionary, Object};
use crate::pdf::source::Source;

/// The map from the unit square of a page's only picture to the page's user space; `None` for a page with several
/// pictures or none.
pub(in crate::pdf) fn sole_picture(contents: &Object, resources: &Dictionary, source: &mut Source) -> Option<Matrix> {
    let data = contents::joined(contents, source)?;
    let pictures = source.dictionary_at(resources, "XObject")?;
    let mut matrix = Matrix::IDENTITY;
    let mut kept = Vec::new();
    let mut found = None;
    for operation in Operations::of(&data) {
        match operation.operator {
            b"q" => kept.push(matrix),
            b"Q" => matrix = kept.pop().unwrap_or(Matrix::IDENTITY),
            b"cm" => matrix = Matrix(operation.numbers()?).then(matrix),
            b"Do" => {
                let name = contents::name(operation.name()?);
                let (_, object) = pictures.iter().find(|(key, _)| **key == name)?;
                let is_picture = source.whole_dictionary(object)?.is("Subtype", "Image");
                if !is_picture || found.replace(matrix).is_some() {
                    return None;
                }
            }
            // An inline picture, which is small.
            b"BI" | b"EI" | b"sh" => return None,
            _ => {}
        }
    }
    found
}
