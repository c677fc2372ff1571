//! A body that two requests share, described once; one of them requires more members than the other.

/// Describes a body `$name` that requires members which are optional in `$part`, the body of a change.
macro_rules! whole {
    ($(#[$doc:meta])* $name:ident = $part:ty { $($required:literal),+ }) => {
        $(#[$doc])*
        pub(crate) struct $name;

        impl utoipa::PartialSchema for $name {
            fn schema() -> utoipa::openapi::RefOr<utoipa::openapi::Schema> {
                let part = utoipa::openapi::Ref::from_schema_name(<$part as utoipa::ToSchema>::name());
                let required = utoipa::openapi::ObjectBuilder::new()$(.required($required))+;
                utoipa::openapi::schema::AllOfBuilder::new().item(part).item(required).into()
            }
        }

        impl utoipa::ToSchema for $name {
            fn schemas(schemas: &mut Vec<(String, utoipa::openapi::RefOr<utoipa::openapi::Schema>)>) {
                let name = <$part as utoipa::ToSchema>::name().into_owned();
                schemas.push((name, <$part as utoipa::PartialSchema>::schema()));
                <$part as utoipa::ToSchema>::schemas(schemas);
            }
        }
    };
}

pub(crate) use whole;
