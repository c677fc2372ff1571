//! OpenAPI schemas of types whose JSON is a text of a certain form; types with members derive theirs. Only with the
//! feature `openapi`: who embeds the crate needs none of it.

use utoipa::openapi::schema::{ObjectBuilder, SchemaType, Type};

/// A text; the caller adds what it looks like.
pub(crate) fn text(description: &str) -> ObjectBuilder {
    ObjectBuilder::new().schema_type(SchemaType::new(Type::String)).description(Some(description.trim()))
}

/// A text that is one of a few.
pub(crate) fn one_of<'a>(description: &str, spelt: impl IntoIterator<Item = &'a str>) -> ObjectBuilder {
    text(description).enum_values(Some(spelt))
}

/// Gives a type the schema that an expression builds.
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
