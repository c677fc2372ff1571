//! OpenAPI schemas of types whose JSON is a string of a certain form; types with members derive theirs. Compiled only
//! with the feature `openapi`, because embedders of the crate do not need it.

use utoipa::openapi::schema::{ObjectBuilder, SchemaType, Type};

/// A string schema; the caller adds its form.
pub(crate) fn text(description: &str) -> ObjectBuilder {
    ObjectBuilder::new().schema_type(SchemaType::new(Type::String)).description(Some(description.trim()))
}

/// A string schema with a fixed set of values.
pub(crate) fn one_of<'a>(description: &str, spelt: impl IntoIterator<Item = &'a str>) -> ObjectBuilder {
    text(description).enum_values(Some(spelt))
}

/// Implements the schema of a type with an expression.
macro_rules! schema_is {
    ($name:ident = $schema:expr) => {
        impl utoipa::PartialSchema for $name {
            fn schema() -> utoipa::openapi::RefOr<utoipa::openapi::schema::Schema> {
                $schema.into()
            }
        }

        impl utoipa::ToSchema for $name {
            fn name() -> std::borrow::Cow<'static, str> {
                stringify!($name).into()
            }
        }
    };
}

pub(crate) use schema_is;
